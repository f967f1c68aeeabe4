using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Runtimes.Keys;

/// <summary>
/// The PBKDF2 key derivation in pieces, between which the guest can be stopped or go on with something else. What is over soon .NET
/// does, which is about twice as fast and cannot be left.
/// </summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8018#section-5.2"/>
internal static class Pbkdf2
{
    /// <summary>Some tens of milliseconds.</summary>
    private const long ShortRounds = 100_000;

    private const int RoundsPerPiece = 256;
    private const int BytesPerRound = 64;
    private const int BytesPerPiece = RoundsPerPiece * BytesPerRound;

    /// <summary>Derives a key, in one go.</summary>
    /// <param name="rounds">At least 1.</param>
    /// <param name="length">Bytes wanted, at least 1.</param>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public static byte[] Derive(HashAlgorithmName hash, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int rounds, int length, StopSignal stop)
    {
        // .NET has no MD5 here; a block of the shortest of the others has 20 bytes.
        var isShort = ((long)rounds + (salt.Length / BytesPerRound)) * (1 + (length / SHA1.HashSizeInBytes)) <= ShortRounds && password.Length <= BytesPerPiece;
        return isShort && hash != HashAlgorithmName.MD5
            ? Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, hash, length)
            : Pieces.Finish(Steps(hash, password.ToArray(), salt.ToArray(), rounds, length), stop);
    }

    /// <summary>Derives a key, some tenths of a millisecond at a time: null after each, and the key in the end.</summary>
    public static IEnumerable<byte[]?> Steps(HashAlgorithmName hash, byte[] password, byte[] salt, int rounds, int length)
    {
        if (password.Length > BytesPerPiece)
        {
            // It stands for its hash, as in every HMAC.
            using var digest = IncrementalHash.CreateHash(hash);
            for (var at = 0; at < password.Length; at += BytesPerPiece)
            {
                digest.AppendData(password, at, Math.Min(BytesPerPiece, password.Length - at));
                yield return null;
            }

            password = digest.GetHashAndReset();
        }

        using var hmac = IncrementalHash.CreateHMAC(hash, password);
        var key = new byte[length];
        var (last, sum, number) = (new byte[hmac.HashLengthInBytes], new byte[hmac.HashLengthInBytes], new byte[sizeof(int)]);
        for (var (start, done) = (0, 0); start < length; start += sum.Length)
        {
            for (var at = 0; at < salt.Length; at += BytesPerPiece)
            {
                var count = Math.Min(BytesPerPiece, salt.Length - at);
                hmac.AppendData(salt, at, count);
                if ((done += count / BytesPerRound) >= RoundsPerPiece)
                {
                    done = 0;
                    yield return null;
                }
            }

            BinaryPrimitives.WriteInt32BigEndian(number, 1 + (start / sum.Length));
            hmac.AppendData(number);
            Array.Clear(sum);
            for (var round = 0; round < rounds; round++)
            {
                if (round > 0)
                {
                    hmac.AppendData(last);
                }

                hmac.GetHashAndReset(last);
                Add(last, sum);
                if (++done >= RoundsPerPiece)
                {
                    done = 0;
                    yield return null;
                }
            }

            sum.AsSpan(0, Math.Min(sum.Length, length - start)).CopyTo(key.AsSpan(start));
        }

        yield return key;
    }

    private static void Add(byte[] bytes, byte[] sum)
    {
        var words = MemoryMarshal.Cast<byte, uint>(sum.AsSpan());
        var added = MemoryMarshal.Cast<byte, uint>(bytes.AsSpan());
        for (var word = 0; word < words.Length; word++)
        {
            words[word] ^= added[word];
        }
    }
}
