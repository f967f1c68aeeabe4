using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Keys;
using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>AES through .NET's, in the modes CBC, CTR and GCM; what is long is done in pieces, between which the guest can be stopped.</summary>
internal sealed class AesFunctions(StopSignal stop)
{
    private const int BlockBytes = 16;
    private const int TagBytes = 16;
    private const int PadBytes = 1 << 16;

    public void Register(HostTable table)
    {
        table.Add("aesCbc", Guarded(Cbc));
        table.Add("aesCtr", Guarded(Ctr));
        table.Add("aesGcm", Guarded(Gcm));
    }

    /// <summary>The core modules check what they hand on, but a program can change that afterwards.</summary>
    private static HostFunction Guarded(HostFunction function) => (in HostCall call) =>
    {
        try
        {
            return function(call);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or OverflowException)
        {
            throw new HostErrorException("ERR_CRYPTO_OPERATION_FAILED", e.Message);
        }
    };

    /// <summary>Arguments: encrypt, key, iv, data, padding.</summary>
    private JsValue Cbc(in HostCall call)
    {
        using var aes = Aes.Create();
        aes.Key = call.Bytes(1).ToArray();
        var padding = call.Flag(4) ? PaddingMode.PKCS7 : PaddingMode.None;
        try
        {
            return call.Engine.NewBytes(call.Flag(0) ? Encrypt(aes, call.Bytes(3), call.Bytes(2), padding) : Decrypt(aes, call.Bytes(3), call.Bytes(2), padding));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new HostErrorException("ERR_OSSL_BAD_DECRYPT", "error:1C800064:Provider routines::bad decrypt");
        }
    }

    /// <summary>Each piece goes on from the last encrypted block of the one before.</summary>
    private ReadOnlySpan<byte> Encrypt(Aes aes, ReadOnlySpan<byte> data, ReadOnlySpan<byte> vector, PaddingMode padding)
    {
        var result = GC.AllocateUninitializedArray<byte>(aes.GetCiphertextLengthCbc(data.Length, padding));
        var at = 0;
        for (; data.Length - at > Pieces.Bytes; at += Pieces.Bytes)
        {
            stop.ThrowIfRequested();
            _ = aes.EncryptCbc(data.Slice(at, Pieces.Bytes), vector, result.AsSpan(at), PaddingMode.None);
            vector = result.AsSpan(at + Pieces.Bytes - BlockBytes, BlockBytes);
        }

        _ = aes.EncryptCbc(data[at..], vector, result.AsSpan(at), padding);
        return result;
    }

    private ReadOnlySpan<byte> Decrypt(Aes aes, ReadOnlySpan<byte> data, ReadOnlySpan<byte> vector, PaddingMode padding)
    {
        var result = GC.AllocateUninitializedArray<byte>(data.Length);
        var at = 0;
        for (; data.Length - at > Pieces.Bytes; at += Pieces.Bytes)
        {
            stop.ThrowIfRequested();
            _ = aes.DecryptCbc(data.Slice(at, Pieces.Bytes), vector, result.AsSpan(at), PaddingMode.None);
            vector = data.Slice(at + Pieces.Bytes - BlockBytes, BlockBytes);
        }

        return result.AsSpan(0, at + aes.DecryptCbc(data[at..], vector, result.AsSpan(at), padding));
    }

    /// <summary>Arguments: key, iv, data, how many bytes of the stream are used up.</summary>
    private JsValue Ctr(in HostCall call)
    {
        using var aes = Aes.Create();
        aes.Key = call.Bytes(0).ToArray();
        var used = (long)call.Number(3);
        if (used < 0)
        {
            throw new HostErrorException("ERR_OUT_OF_RANGE", FormattableString.Invariant($"The value of \"used\" is out of range. It must be >= 0. Received {used}"));
        }

        var counter = BinaryPrimitives.ReadUInt128BigEndian(call.Bytes(1)) + (UInt128)(used / BlockBytes);
        var data = call.Bytes(2).ToArray();
        var pad = new byte[Math.Min(PadBytes, (data.Length + (2 * BlockBytes)) & -BlockBytes)];
        for (var (at, skipped) = (0, (int)(used % BlockBytes)); at < data.Length; skipped = 0)
        {
            stop.ThrowIfRequested();
            for (var block = 0; block < pad.Length; block += BlockBytes)
            {
                BinaryPrimitives.WriteUInt128BigEndian(pad.AsSpan(block), counter++);
            }

            _ = aes.EncryptEcb(pad, pad, PaddingMode.None);
            var count = Math.Min(pad.Length - skipped, data.Length - at);
            Add(pad.AsSpan(skipped, count), data.AsSpan(at, count));
            at += count;
        }

        return call.Engine.NewBytes(data);
    }

    private static void Add(ReadOnlySpan<byte> pad, Span<byte> data)
    {
        var words = MemoryMarshal.Cast<byte, Vector<byte>>(data);
        var added = MemoryMarshal.Cast<byte, Vector<byte>>(pad);
        for (var word = 0; word < words.Length; word++)
        {
            words[word] ^= added[word];
        }

        for (var at = words.Length * Vector<byte>.Count; at < data.Length; at++)
        {
            data[at] ^= pad[at];
        }
    }

    /// <summary>Arguments: encrypt, key, iv, data, additional data, tag. An encrypted text has its tag at the end.</summary>
    private static JsValue Gcm(in HostCall call)
    {
        using var aes = new AesGcm(call.Bytes(1), TagBytes);
        var data = call.Bytes(3);
        var result = GC.AllocateUninitializedArray<byte>(data.Length + (call.Flag(0) ? TagBytes : 0));
        try
        {
            if (call.Flag(0))
            {
                aes.Encrypt(call.Bytes(2), data, result.AsSpan(0, data.Length), result.AsSpan(data.Length), call.Bytes(4));
            }
            else
            {
                aes.Decrypt(call.Bytes(2), data, call.Bytes(5), result, call.Bytes(4));
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new HostErrorException("ERR_CRYPTO_INVALID_STATE", "Unsupported state or unable to authenticate data");
        }

        return call.Engine.NewBytes(result);
    }
}
