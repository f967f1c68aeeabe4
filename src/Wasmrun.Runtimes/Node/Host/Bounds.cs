using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>What the host takes for numbers of a guest; above all, how much memory of its own they may cost it, which the guest's limit does not count.</summary>
internal static class Bounds
{
    /// <summary>The same value.</summary>
    /// <param name="name">As the program knows it.</param>
    /// <exception cref="HostErrorException">It is zero or below.</exception>
    public static int Positive(int value, string name) => value > 0
        ? value
        : throw new HostErrorException("ERR_OUT_OF_RANGE", FormattableString.Invariant($"The value of \"{name}\" is out of range. It must be >= 1. Received {value}"));

    /// <summary>The same value.</summary>
    /// <exception cref="HostErrorException">It is above the bound.</exception>
    public static long UpTo(long most, long value, string name) => value <= most
        ? value
        : throw new HostErrorException("ERR_OUT_OF_RANGE", $"The value of \"{name}\" is out of range: it asks the host for more memory than a wasmrun sandbox gives");
}
