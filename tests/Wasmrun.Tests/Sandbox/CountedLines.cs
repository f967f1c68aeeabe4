using System.Buffers.Text;
using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox;

/// <summary>Takes the numbered lines of the guest <c>flood</c> and keeps nothing but how far it came.</summary>
internal sealed class CountedLines : IGuestOutput
{
    private const int LineLength = 16;

    /// <summary>Bytes taken so far.</summary>
    public long Length { get; private set; }

    /// <summary>Whether every piece began with the line that was due.</summary>
    public bool IsInOrder { get; private set; } = true;

    public void Write(GuestStream stream, ReadOnlySpan<byte> bytes)
    {
        IsInOrder &= Length % LineLength == 0
            && Utf8Parser.TryParse(bytes[..(LineLength - 1)], out long number, out _)
            && number == Length / LineLength;
        Length += bytes.Length;
    }
}
