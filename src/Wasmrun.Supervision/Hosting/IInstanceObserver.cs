namespace Wasmrun.Supervision.Hosting;

/// <summary>Told by an instance what it does. Called on the guest's thread: implementations note and return.</summary>
public interface IInstanceObserver
{
    void StartedListening(GuestPort port);

    void StoppedListening(GuestPort port);
}
