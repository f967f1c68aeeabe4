using System.Security.Cryptography;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Keys;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Hashes and HMACs, of which no length keeps a guest from being stopped.</summary>
internal static class Digests
{
    /// <summary>The hash of bytes that are all there.</summary>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public static byte[] Hash(string algorithm, ReadOnlySpan<byte> data, StopSignal stop)
    {
        if (data.Length > Pieces.Bytes)
        {
            using var hash = IncrementalHash.CreateHash(CryptoFunctions.Name(algorithm));
            Append(hash, data, stop);
            return hash.GetHashAndReset();
        }

        return algorithm switch
        {
            // Broken ones stay: they name files and check old messages all over npm.
#pragma warning disable CA5350, CA5351
            "md5" => MD5.HashData(data),
            "sha1" => SHA1.HashData(data),
#pragma warning restore CA5350, CA5351
            _ => CryptographicOperations.HashData(CryptoFunctions.Name(algorithm), data),
        };
    }

    /// <summary>The HMAC of bytes that are all there.</summary>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public static byte[] Authenticate(string algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, StopSignal stop)
    {
        if (data.Length <= Pieces.Bytes && key.Length <= Pieces.Bytes)
        {
            return CryptographicOperations.HmacData(CryptoFunctions.Name(algorithm), key, data);
        }

        using var hmac = Hmac(CryptoFunctions.Name(algorithm), key, stop);
        Append(hmac, data, stop);
        return hmac.GetHashAndReset();
    }

    /// <summary>An HMAC of what is still to come.</summary>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public static IncrementalHash Hmac(HashAlgorithmName algorithm, ReadOnlySpan<byte> key, StopSignal stop)
    {
        if (key.Length <= Pieces.Bytes)
        {
            return IncrementalHash.CreateHMAC(algorithm, key);
        }

        // A key that is longer than a block stands for its hash.
        using var hash = IncrementalHash.CreateHash(algorithm);
        Append(hash, key, stop);
        return IncrementalHash.CreateHMAC(algorithm, hash.GetHashAndReset());
    }

    /// <summary>Adds more bytes.</summary>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public static void Append(IncrementalHash digest, ReadOnlySpan<byte> data, StopSignal stop)
    {
        for (; data.Length > Pieces.Bytes; data = data[Pieces.Bytes..])
        {
            stop.ThrowIfRequested();
            digest.AppendData(data[..Pieces.Bytes]);
        }

        digest.AppendData(data);
    }
}
