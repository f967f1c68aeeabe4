using System.Net.Sockets;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Egress;

/// <summary>
/// One question to the resolver, asked for a guest that waits for the answer and must be able to leave: the resolver cannot
/// always be interrupted, so it answers into the void then.
/// </summary>
internal sealed class NameQuery
{
    private readonly Lock _gate = new();
    private readonly EventCounter _answered;
    private IReadOnlyList<InetAddress> _addresses = [];
    private Errno _error;
    private bool _abandoned;

    // Nobody waits for the task itself: it never fails, and its answer comes by way of the counter.
    private Task _asking = Task.CompletedTask;

    private NameQuery(EventCounter answered) => _answered = answered;

    /// <summary>Asks, and waits on the guest's thread.</summary>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public static Errno Resolve(INameResolver resolver, string name, StopSignal stop, out IReadOnlyList<InetAddress> addresses)
    {
        addresses = [];
        var error = EventCounter.TryOpen(out var answered);
        if (error != Errno.None)
        {
            return error;
        }

        var query = new NameQuery(answered!);
        using var cancellation = new CancellationTokenSource();
        try
        {
            query._asking = query.AskAsync(resolver, name, cancellation.Token);
            error = stop.Wait(answered!.Descriptor, PollEvents.Read, -1);
            return error == Errno.None ? query.Take(out addresses) : error;
        }
        finally
        {
            cancellation.Cancel();
            query.Abandon();
        }
    }

    private Errno Take(out IReadOnlyList<InetAddress> addresses)
    {
        lock (_gate)
        {
            addresses = _addresses;
            return _error;
        }
    }

    private async Task AskAsync(INameResolver resolver, string name, CancellationToken token)
    {
        try
        {
            var found = await resolver.ResolveAsync(name, token);

            // IPv4 first: many guests know nothing else, and every host has it.
            Answer([.. found.Select(address => InetAddress.From(address).Unmapped()).OrderBy(address => address.Domain)], Errno.ENOENT);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ArgumentException)
        {
            Answer([], Errno.EAGAIN);
        }
    }

    private void Answer(IReadOnlyList<InetAddress> addresses, Errno whenNone)
    {
        lock (_gate)
        {
            if (!_abandoned)
            {
                _addresses = addresses;
                _error = addresses.Count == 0 ? whenNone : Errno.None;
                _answered.Increment();
            }
        }
    }

    private void Abandon()
    {
        lock (_gate)
        {
            _abandoned = true;
            _answered.Dispose();
        }
    }
}
