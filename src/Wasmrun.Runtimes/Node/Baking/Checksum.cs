using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>
/// Tells a file that was written whole from one that was not. It is no seal: who could write to the cache could write this, too. Four sums are
/// taken side by side, since the processor has done one before it is needed again.
/// </summary>
internal sealed class Checksum
{
    private const int Lanes = 4;
    private const int StepBytes = Lanes * sizeof(ulong);

    private uint _a;
    private uint _b;
    private uint _c;
    private uint _d;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes.Length % StepBytes;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes[..^rest]);
        for (var index = 0; index < words.Length; index += Lanes)
        {
            _a = BitOperations.Crc32C(_a, words[index]);
            _b = BitOperations.Crc32C(_b, words[index + 1]);
            _c = BitOperations.Crc32C(_c, words[index + 2]);
            _d = BitOperations.Crc32C(_d, words[index + 3]);
        }

        foreach (var value in bytes[^rest..])
        {
            _a = BitOperations.Crc32C(_a, value);
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_a:x8}{_b:x8}{_c:x8}{_d:x8}");
}
