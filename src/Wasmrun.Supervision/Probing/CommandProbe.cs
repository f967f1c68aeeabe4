using Wasmrun.Manifest.Specs;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Supervision.Probing;

/// <summary>Whether another instance of the service's module, with arguments of its own, ends well. It gets no clients and its output is dropped.</summary>
internal sealed class CommandProbe(IServiceHost host, IInstance checkedInstance, PreparedModule module, ServiceSpec service, string name, IReadOnlyList<string> arguments) : IProbe
{
    public async Task<string?> AskAsync(CancellationToken token)
    {
        try
        {
            await using var instance = host.Create(module, new(name, service with { Command = arguments }, new Nowhere(), new Nobody()) { IsHeldBack = true, Checked = checkedInstance });
            instance.Start();
            var end = RunEnd.Of(await instance.Completion.WaitAsync(token), TimeSpan.Zero);
            return end.IsFailure ? $"the test {end.Description}" : null;
        }
        catch (IOException refused)
        {
            return $"the test could not be run: {refused.Message}";
        }
    }

    private sealed class Nowhere : IGuestOutput
    {
        public void Write(GuestStream stream, ReadOnlySpan<byte> bytes)
        {
        }
    }

    private sealed class Nobody : IInstanceObserver
    {
        public void StartedListening(GuestPort port)
        {
        }

        public void StoppedListening(GuestPort port)
        {
        }
    }
}
