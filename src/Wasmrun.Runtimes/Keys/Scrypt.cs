using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Runtimes.Keys;

/// <summary>
/// The scrypt key derivation, which .NET has not, in pieces between which the guest can be stopped or go on with something else. The words of
/// a block lie so that the diagonals of the matrix that Salsa20 works on are its rows.
/// </summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc7914"/>
internal static class Scrypt
{
    /// <summary>The largest r: mixing a block, which is not left half way, then takes some milliseconds.</summary>
    public const int MostBlockSize = 1 << 16;

    /// <summary>The most memory that a key may take: what the host holds is not the guest's memory.</summary>
    public const long MostMemoryBytes = 1 << 28;

    private const int WordsPerBlock = 16;
    private const int DoubleRounds = 4;
    private const int BlocksPerPiece = 4096;

    /// <summary>How much memory a key takes.</summary>
    public static long MemoryBytes(int cost, int blockSize, int parallelization) =>
        2L * WordsPerBlock * sizeof(uint) * blockSize * ((long)cost + parallelization);

    /// <summary>Derives a key, in one go.</summary>
    /// <param name="cost">N, a power of two.</param>
    /// <param name="blockSize">r.</param>
    /// <param name="parallelization">p.</param>
    /// <param name="length">Bytes wanted, at least 1.</param>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public static byte[] Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int cost, int blockSize, int parallelization, int length, StopSignal stop) =>
        Pieces.Finish(Steps(password.ToArray(), salt.ToArray(), cost, blockSize, parallelization, length), stop);

    /// <summary>Derives a key, some tenths of a millisecond at a time: null after each, and the key in the end.</summary>
    public static IEnumerable<byte[]?> Steps(byte[] password, byte[] salt, int cost, int blockSize, int parallelization, int length)
    {
        var words = 2 * blockSize * WordsPerBlock;
        var bytes = Array.Empty<byte>();
        foreach (var piece in Pbkdf2.Steps(HashAlgorithmName.SHA256, password, salt, 1, checked(parallelization * words * sizeof(uint))))
        {
            bytes = piece;
            yield return null;
        }

        var (block, scratch, memory) = (new uint[words], new uint[words], GC.AllocateUninitializedArray<uint>(checked(cost * words)));
        for (var (lane, mixed) = (0, 0); lane < parallelization; lane++)
        {
            var part = new ArraySegment<byte>(bytes!, lane * words * sizeof(uint), words * sizeof(uint));
            Read(part, block);
            for (var index = 0; index < 2 * cost; index++)
            {
                if (index < cost)
                {
                    block.CopyTo(memory, index * words);
                }
                else
                {
                    Add(memory.AsSpan((int)(block[^WordsPerBlock] & (uint)(cost - 1)) * words, words), block);
                }

                Mix(block, scratch);
                (block, scratch) = (scratch, block);
                if ((mixed += 2 * blockSize) >= BlocksPerPiece)
                {
                    mixed = 0;
                    yield return null;
                }
            }

            Write(block, part);
        }

        foreach (var piece in Pbkdf2.Steps(HashAlgorithmName.SHA256, password, bytes!, 1, length))
        {
            yield return piece;
        }
    }

    private static int PlaceOf(int word) => (word & ~(WordsPerBlock - 1)) + (word * 5 % WordsPerBlock);

    private static void Read(ReadOnlySpan<byte> bytes, Span<uint> block)
    {
        for (var word = 0; word < block.Length; word++)
        {
            block[word] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(PlaceOf(word) * sizeof(uint))..]);
        }
    }

    private static void Write(ReadOnlySpan<uint> block, Span<byte> bytes)
    {
        for (var word = 0; word < block.Length; word++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(PlaceOf(word) * sizeof(uint))..], block[word]);
        }
    }

    private static void Add(ReadOnlySpan<uint> other, Span<uint> block)
    {
        for (var word = 0; word < block.Length; word += Vector128<uint>.Count)
        {
            (Vector128.Create(block[word..]) ^ Vector128.Create(other[word..])).CopyTo(block[word..]);
        }
    }

    private static void Mix(ReadOnlySpan<uint> block, Span<uint> mixed)
    {
        var last = block[^WordsPerBlock..];
        var (a, b, c, d) = (Vector128.Create(last), Vector128.Create(last[4..]), Vector128.Create(last[8..]), Vector128.Create(last[12..]));
        for (var start = 0; start < block.Length; start += WordsPerBlock)
        {
            var next = block.Slice(start, WordsPerBlock);
            a ^= Vector128.Create(next);
            b ^= Vector128.Create(next[4..]);
            c ^= Vector128.Create(next[8..]);
            d ^= Vector128.Create(next[12..]);
            Salsa(ref a, ref b, ref c, ref d);
            var number = start / WordsPerBlock;
            var place = mixed.Slice(((number & 1) * mixed.Length / 2) + (number / 2 * WordsPerBlock), WordsPerBlock);
            a.CopyTo(place);
            b.CopyTo(place[4..]);
            c.CopyTo(place[8..]);
            d.CopyTo(place[12..]);
        }
    }

    private static void Salsa(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d)
    {
        var (w, x, y, z) = (a, b, c, d);
        for (var round = 0; round < DoubleRounds; round++)
        {
            x ^= Rotate(w + z, 7);
            y ^= Rotate(x + w, 9);
            z ^= Rotate(y + x, 13);
            w ^= Rotate(z + y, 18);
            x = Vector128.Shuffle(x, Vector128.Create(3u, 0, 1, 2));
            y = Vector128.Shuffle(y, Vector128.Create(2u, 3, 0, 1));
            z = Vector128.Shuffle(z, Vector128.Create(1u, 2, 3, 0));
            z ^= Rotate(w + x, 7);
            y ^= Rotate(z + w, 9);
            x ^= Rotate(y + z, 13);
            w ^= Rotate(x + y, 18);
            x = Vector128.Shuffle(x, Vector128.Create(1u, 2, 3, 0));
            y = Vector128.Shuffle(y, Vector128.Create(2u, 3, 0, 1));
            z = Vector128.Shuffle(z, Vector128.Create(3u, 0, 1, 2));
        }

        (a, b, c, d) = (a + w, b + x, c + y, d + z);
    }

    private static Vector128<uint> Rotate(Vector128<uint> words, int bits) => (words << bits) | (words >>> (32 - bits));
}
