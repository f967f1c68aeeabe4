namespace Wasmrun.Network.Namespaces;

/// <summary>A bound on what several sockets use together; from any thread.</summary>
internal sealed class Budget(long most)
{
    private long _taken;

    /// <summary>Whether more than half of it is taken.</summary>
    public bool IsTight => Volatile.Read(ref _taken) > most / 2;

    /// <summary>Takes all of the amount, or nothing.</summary>
    public bool TryTake(long amount)
    {
        if (Interlocked.Add(ref _taken, amount) <= most)
        {
            return true;
        }

        Give(amount);
        return false;
    }

    public void Give(long amount) => Interlocked.Add(ref _taken, -amount);
}
