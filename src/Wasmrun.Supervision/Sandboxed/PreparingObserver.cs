using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>Passes on what an instance does, and has the next start prepared when it listens.</summary>
internal sealed class PreparingObserver(IInstanceObserver observer, Preparation preparation) : IInstanceObserver
{
    public void StartedListening(GuestPort port)
    {
        observer.StartedListening(port);
        preparation.Begin();
    }

    public void StoppedListening(GuestPort port) => observer.StoppedListening(port);
}
