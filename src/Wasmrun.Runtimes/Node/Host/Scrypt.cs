using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>The scrypt key derivation, which .NET has not.</summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc7914"/>
internal static class Scrypt
{
    private const int WordsPerBlock = 16;
    private const int DoubleRounds = 4;

    /// <summary>Derives a key.</summary>
    /// <param name="cost">N, a power of two.</param>
    /// <param name="blockSize">r.</param>
    /// <param name="parallelization">p.</param>
    public static byte[] Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int cost, int blockSize, int parallelization, int length)
    {
        var words = 2 * blockSize * WordsPerBlock;
        var bytes = Rfc2898DeriveBytes.Pbkdf2(password, salt, 1, HashAlgorithmName.SHA256, parallelization * words * sizeof(uint));
        var block = new uint[words];
        var scratch = new uint[words];
        var memory = new uint[(long)cost * words];
        for (var lane = 0; lane < parallelization; lane++)
        {
            var part = bytes.AsSpan(lane * words * sizeof(uint), words * sizeof(uint));
            for (var index = 0; index < words; index++)
            {
                block[index] = BinaryPrimitives.ReadUInt32LittleEndian(part[(index * sizeof(uint))..]);
            }

            Mix(block, scratch, memory, cost);
            for (var index = 0; index < words; index++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(part[(index * sizeof(uint))..], block[index]);
            }
        }

        return Rfc2898DeriveBytes.Pbkdf2(password, bytes, 1, HashAlgorithmName.SHA256, length);
    }

    private static void Mix(uint[] block, uint[] scratch, uint[] memory, int cost)
    {
        for (var index = 0; index < cost; index++)
        {
            block.CopyTo(memory.AsSpan(index * block.Length));
            MixBlocks(block, scratch);
        }

        for (var index = 0; index < cost; index++)
        {
            var other = (int)(block[^WordsPerBlock] & (uint)(cost - 1)) * block.Length;
            for (var word = 0; word < block.Length; word++)
            {
                block[word] ^= memory[other + word];
            }

            MixBlocks(block, scratch);
        }
    }

    private static void MixBlocks(uint[] block, uint[] scratch)
    {
        Span<uint> x = stackalloc uint[WordsPerBlock];
        block.AsSpan(block.Length - WordsPerBlock).CopyTo(x);
        var half = block.Length / 2;
        for (var start = 0; start < block.Length; start += WordsPerBlock)
        {
            for (var word = 0; word < WordsPerBlock; word++)
            {
                x[word] ^= block[start + word];
            }

            Salsa(x);
            var number = start / WordsPerBlock;
            x.CopyTo(scratch.AsSpan(((number & 1) * half) + (number / 2 * WordsPerBlock)));
        }

        scratch.CopyTo(block, 0);
    }

    private static void Salsa(Span<uint> block)
    {
        Span<uint> x = stackalloc uint[WordsPerBlock];
        block.CopyTo(x);
        for (var round = 0; round < DoubleRounds; round++)
        {
            Quarter(x, 0, 4, 8, 12);
            Quarter(x, 5, 9, 13, 1);
            Quarter(x, 10, 14, 2, 6);
            Quarter(x, 15, 3, 7, 11);
            Quarter(x, 0, 1, 2, 3);
            Quarter(x, 5, 6, 7, 4);
            Quarter(x, 10, 11, 8, 9);
            Quarter(x, 15, 12, 13, 14);
        }

        for (var word = 0; word < WordsPerBlock; word++)
        {
            block[word] += x[word];
        }
    }

    private static void Quarter(Span<uint> x, int a, int b, int c, int d)
    {
        x[b] ^= BitOperations.RotateLeft(x[a] + x[d], 7);
        x[c] ^= BitOperations.RotateLeft(x[b] + x[a], 9);
        x[d] ^= BitOperations.RotateLeft(x[c] + x[b], 13);
        x[a] ^= BitOperations.RotateLeft(x[d] + x[c], 18);
    }
}
