using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>
/// Where the engine keeps what <c>Math.random</c> goes on from: the one word of its context that a call changes as the generator does
/// (xorshift64*), so that no offset has to be known, and a wrong one is never written to.
/// </summary>
internal static class RandomState
{
    private const uint ContextBytes = 1024;

    /// <summary>The address of the word, 0 when there is none or more than one.</summary>
    public static uint Find(QuickJs engine)
    {
        var random = engine.Evaluate("Math.random", "node:internal/random");
        var before = engine.Slice((uint)engine.Context, ContextBytes).ToArray();
        engine.Free(engine.Call(random));
        engine.Free(random);
        var found = 0u;
        for (var offset = 0u; offset < ContextBytes; offset += sizeof(ulong))
        {
            var former = BinaryPrimitives.ReadUInt64LittleEndian(before.AsSpan((int)offset));
            if (former != 0 && engine.Read<ulong>((uint)engine.Context + offset) == Next(former))
            {
                found = found == 0 ? (uint)engine.Context + offset : uint.MaxValue;
            }
        }

        return found == uint.MaxValue ? 0 : found;
    }

    /// <summary>A state that nobody can guess; the generator stands still at zero.</summary>
    public static ulong Fresh()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes) | 1;
    }

    private static ulong Next(ulong state)
    {
        state ^= state >> 12;
        state ^= state << 25;
        return state ^ (state >> 27);
    }
}
