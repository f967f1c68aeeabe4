using System.Diagnostics;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Runtimes.Keys;

/// <summary>
/// Work of the host for a guest that would take long, cut into pieces: a sequence that is null after each of them, and the result in the end.
/// </summary>
internal static class Pieces
{
    /// <summary>How many bytes are hashed or encrypted at a time: some milliseconds' worth.</summary>
    public const int Bytes = 1 << 22;

    /// <summary>Does all of the work, as long as the guest is not to stop.</summary>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public static byte[] Finish(IEnumerable<byte[]?> work, StopSignal stop)
    {
        foreach (var result in work)
        {
            if (result is not null)
            {
                return result;
            }

            stop.ThrowIfRequested();
        }

        throw new UnreachableException("the work has no result");
    }
}
