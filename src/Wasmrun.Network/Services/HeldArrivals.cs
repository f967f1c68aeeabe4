namespace Wasmrun.Network.Services;

/// <summary>
/// When the clients that wait at one kernel listener arrived, oldest first: the kernel only tells how many there are, and
/// serves them in the order of their arrival.
/// </summary>
internal sealed class HeldArrivals
{
    private readonly Queue<(long Timestamp, int Clients)> _arrivals = [];

    public int Clients { get; private set; }

    /// <summary>When the client that has waited longest arrived.</summary>
    public long? Oldest => _arrivals.TryPeek(out var first) ? first.Timestamp : null;

    /// <summary>Takes note of how many clients wait now.</summary>
    public void Note(int waiting, long timestamp)
    {
        if (waiting > Clients)
        {
            _arrivals.Enqueue((timestamp, waiting - Clients));
            Clients = waiting;
        }
    }

    /// <summary>Forgets those that arrived at this time or before, and returns how many they were.</summary>
    public int TakeUntil(long timestamp)
    {
        var taken = 0;
        while (_arrivals.TryPeek(out var first) && first.Timestamp <= timestamp)
        {
            taken += _arrivals.Dequeue().Clients;
        }

        Clients -= taken;
        return taken;
    }

    public void Clear()
    {
        _arrivals.Clear();
        Clients = 0;
    }
}
