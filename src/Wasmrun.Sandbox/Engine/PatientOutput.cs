using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// Hands a guest's output on in pieces, each when there is room for it: a reader who is behind slows the guest down, but does not keep it from being stopped, and
/// neither does a single write of a gigabyte.
/// </summary>
internal sealed class PatientOutput(IGuestOutput inner, StopSignal stop) : IGuestOutput
{
    private const int LongestPiece = 32 * 1024;

    private const int None = -1;

    /// <summary>After which it is asked again whether there is room, in nanoseconds.</summary>
    private const long Pause = 2_000_000;

    /// <summary>Hands all of it on, however long that takes.</summary>
    /// <exception cref="GuestStoppedException">The instance was told to stop; what was handed on by then is the beginning.</exception>
    public void Write(GuestStream stream, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            stop.ThrowIfRequested();
            var piece = bytes[..Math.Min(bytes.Length, LongestPiece)];
            while (!inner.HasRoom(piece.Length))
            {
                _ = stop.Wait(None, PollEvents.None, Pause);
            }

            inner.Write(stream, piece);
            bytes = bytes[piece.Length..];
        }
    }
}
