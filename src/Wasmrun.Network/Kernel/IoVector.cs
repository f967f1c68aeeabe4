using System.Runtime.InteropServices;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// One piece of a scattered buffer, laid out as the kernel's <c>struct iovec</c>: data goes between the kernel and
/// guest memory without a copy in between. Valid only within the host call that made it, because guest memory can move.
/// </summary>
/// <param name="Base">Address of the first byte; already checked against the bounds of the guest's memory.</param>
/// <param name="Length">Length in bytes.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct IoVector(nint Base, nuint Length)
{
    /// <summary>How many bytes the pieces have together.</summary>
    public static nuint Total(ReadOnlySpan<IoVector> pieces)
    {
        nuint total = 0;
        foreach (var piece in pieces)
        {
            total += piece.Length;
        }

        return total;
    }
}
