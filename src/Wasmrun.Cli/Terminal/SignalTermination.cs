using System.Runtime.InteropServices;
using Wasmrun.Cli.Commands;

namespace Wasmrun.Cli.Terminal;

/// <summary>Ctrl-C, SIGTERM and the end of the terminal as requests to end; the second Ctrl-C or SIGTERM insists.</summary>
internal sealed class SignalTermination(TimeProvider time) : ITermination, IDisposable
{
    private readonly TaskCompletionSource _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _insisted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly List<PosixSignalRegistration> _registrations = [];
    private ITimer? _lastResort;

    public Task Requested => _requested.Task;

    public Task Insisted => _insisted.Task;

    /// <summary>From now on these signals no longer end the process by themselves.</summary>
    /// <param name="ignoreHangup">A detached runner has no terminal whose end could concern it.</param>
    internal static SignalTermination Listen(TimeProvider time, bool ignoreHangup)
    {
        var termination = new SignalTermination(time);
        termination.On(PosixSignal.SIGINT, termination.RequestOrInsist);
        termination.On(PosixSignal.SIGTERM, termination.RequestOrInsist);
        termination.On(PosixSignal.SIGHUP, ignoreHangup ? static () => { } : termination.Request);
        return termination;
    }

    public void Request() => _requested.TrySetResult();

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _lastResort?.Dispose();
    }

    private void RequestOrInsist()
    {
        if (_requested.TrySetResult())
        {
            return;
        }

        // Something may hang that neither asking nor insisting moves; a third signal does not wait for it either.
        if (_insisted.TrySetResult())
        {
            _lastResort = time.CreateTimer(static _ => Environment.Exit(ExitCodes.Interrupted), null, Patience, Timeout.InfiniteTimeSpan);
            return;
        }

        Environment.Exit(ExitCodes.Interrupted);
    }

    private void On(PosixSignal signal, Action action) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    }));
}
