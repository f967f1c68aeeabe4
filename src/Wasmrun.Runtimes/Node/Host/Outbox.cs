namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// What HTTP servers answer in one round of the event loop, until it leaves together: whoever waits at the other end of several connections is woken once, and
/// not for each of them. It leaves when the round is over, and earlier when it has waited long enough, or when something begins that may last.
/// </summary>
internal sealed class Outbox(TimeProvider time)
{
    /// <summary>The most bytes that a connection may have waiting.</summary>
    private const int MostBytes = 16384;

    private static readonly TimeSpan _longestWait = TimeSpan.FromMicroseconds(500);

    private readonly List<NetHandle> _waiting = [];
    private long _since;

    /// <summary>Takes bytes that a connection is to send.</summary>
    /// <returns>False when they are too many, or others have to go before them: they are to be written at once.</returns>
    public bool TryPut(NetHandle handle, ReadOnlySpan<byte> bytes)
    {
        if (handle.UnsentBytes > 0 || handle.IsConnecting || handle.GatheredBytes + bytes.Length > MostBytes)
        {
            return false;
        }

        if (handle.GatheredBytes == 0)
        {
            if (_waiting.Count == 0)
            {
                _since = time.GetTimestamp();
            }

            _waiting.Add(handle);
        }

        handle.Gather(bytes);
        return true;
    }

    /// <summary>Sends all of it, if the first has waited long enough.</summary>
    public void SendOverdue()
    {
        if (_waiting.Count > 0 && time.GetElapsedTime(_since) >= _longestWait)
        {
            Send();
        }
    }

    /// <summary>Sends all of it. Who has gone meanwhile is told of by the next look at the connection.</summary>
    public void Send()
    {
        foreach (var handle in _waiting)
        {
            _ = handle.SendGathered();
        }

        _waiting.Clear();
    }
}
