using Wasmrun.Network;
using Wasmrun.Runtimes;
using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>
/// Makes the next start of a service short while its instance runs: a guest without clients, which does what the program's runtime has to do
/// for that, and ends; and then, while the service is watched, one that waits to be the next. It belongs to the instance, and is stopped with it.
/// </summary>
internal sealed class Preparation(
    SandboxEngine engine, ServiceNetwork service, SpareKeeper spares, GuestProgram program, Func<NetworkNamespace, InstanceOptions> optionsOn) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private SandboxInstance? _guest;
    private Task _work = Task.CompletedTask;
    private bool _isBegun;
    private bool _isOver;

    /// <summary>Begins at the first call, and returns at once.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (!_isBegun && program.Preparation is not null)
            {
                _isBegun = true;
                _work = Task.Run(RunAsync, CancellationToken.None);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isBegun = true;
            _isOver = true;
            _guest?.Stop();
        }

        await _work;
        await spares.LeaveAsync(this);
    }

    private async Task RunAsync()
    {
        try
        {
            using var network = service.CreateNamespace(accepting: false);
            var options = optionsOn(network);
            await using var guest = engine.Create(program.Module, options with { Name = $"{options.Name}-next", Output = new Nowhere(), StandardInput = null, Driver = program.Preparation });
            lock (_gate)
            {
                if (_isOver)
                {
                    return;
                }

                _guest = guest;
                guest.Start();
            }

            await guest.Completion;
            if (program.Spare is not null)
            {
                spares.Offer(this, () => new(engine, service, program, optionsOn));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The service ends, or the system does not let it; then the next start takes as long as this one.
        }
    }

    private sealed class Nowhere : IGuestOutput
    {
        public void Write(GuestStream stream, ReadOnlySpan<byte> bytes)
        {
        }
    }
}
