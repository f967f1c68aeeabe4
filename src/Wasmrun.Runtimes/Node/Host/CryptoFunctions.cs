using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Cryptography through .NET's: hashes, message authentication, AES and random numbers.</summary>
internal static class CryptoFunctions
{
    private const int TagBytes = 16;

    // What the host holds is not the guest's memory.
    private const int MostBytes = 1 << 20;

    public static void Register(HostTable table)
    {
        table.Add("randomBytes", (in HostCall call) => call.Engine.NewBytes(RandomNumberGenerator.GetBytes((int)Bounds.UpTo(MostBytes, call.Int(0), "size"))));
        table.Add("randomFill", (in HostCall call) =>
        {
            RandomNumberGenerator.Fill(call.Bytes(0));
            return JsValue.Undefined;
        });
        table.Add("hash", (in HostCall call) => call.Engine.NewBytes(Hash(call.Text(0), call.Bytes(1))));
        table.Add("hashText", HashText);
        table.Add("hmac", (in HostCall call) => call.Engine.NewBytes(Authenticate(call.Text(0), call.Bytes(1), call.Bytes(2))));
        table.Add("equalInTime", (in HostCall call) => JsValue.From(CryptographicOperations.FixedTimeEquals(call.Bytes(0), call.Bytes(1))));
        table.Add("aesCbc", AesCbc);
        table.Add("aesCtr", AesCtr);
        table.Add("aesGcm", AesGcm);
    }

    private static byte[] Hash(string algorithm, ReadOnlySpan<byte> data) => algorithm switch
    {
        // Broken ones stay: they name files and check old messages all over npm.
#pragma warning disable CA5350, CA5351
        "md5" => MD5.HashData(data),
        "sha1" => SHA1.HashData(data),
#pragma warning restore CA5350, CA5351
        _ => CryptographicOperations.HashData(Name(algorithm), data),
    };

    /// <summary>Arguments: hash, text, 0 hex, 1 base64, 2 base64url. Answers a text.</summary>
    private static JsValue HashText(in HostCall call)
    {
        if (call.Engine.TryReadAscii(call[1], out var ascii))
        {
            return Show(call, Hash(call.Text(0), ascii));
        }

        if (call.Int(3) == (int)CodecFunctions.Coding.Latin1)
        {
            return Show(call, Hash(call.Text(0), Encoding.Latin1.GetBytes(call.Text(1))));
        }

        var text = call.Engine.OpenText(call[1], out var length);
        var utf8 = call.Engine.Slice(text, length);
        var hash = Hash(call.Text(0), Utf8.IsValid(utf8) ? utf8 : CodecFunctions.Readable(utf8));
        call.Engine.CloseText(text);
        return Show(call, hash);
    }

    private static JsValue Show(in HostCall call, byte[] hash) => call.Engine.NewText(call.Int(2) switch
    {
        0 => Convert.ToHexStringLower(hash),
        1 => Convert.ToBase64String(hash),
        _ => Base64Url.EncodeToString(hash),
    });

    private static byte[] Authenticate(string algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) =>
        CryptographicOperations.HmacData(Name(algorithm), key, data);

    public static HashAlgorithmName Name(string algorithm) => algorithm switch
    {
        "md5" => HashAlgorithmName.MD5,
        "sha1" => HashAlgorithmName.SHA1,
        "sha256" => HashAlgorithmName.SHA256,
        "sha384" => HashAlgorithmName.SHA384,
        "sha512" => HashAlgorithmName.SHA512,
        _ => throw new HostErrorException("ERR_CRYPTO_INVALID_DIGEST", $"Invalid digest: {algorithm}"),
    };

    /// <summary>Arguments: encrypt, key, iv, data, padding.</summary>
    private static JsValue AesCbc(in HostCall call)
    {
        using var aes = Aes.Create();
        aes.Key = call.Bytes(1).ToArray();
        var padding = call.Flag(4) ? PaddingMode.PKCS7 : PaddingMode.None;
        try
        {
            return call.Engine.NewBytes(call.Flag(0)
                ? aes.EncryptCbc(call.Bytes(3), call.Bytes(2), padding)
                : aes.DecryptCbc(call.Bytes(3), call.Bytes(2), padding));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new HostErrorException("ERR_OSSL_BAD_DECRYPT", "error:1C800064:Provider routines::bad decrypt");
        }
    }

    /// <summary>Arguments: key, iv, data, how many bytes of the stream are used up.</summary>
    private static JsValue AesCtr(in HostCall call)
    {
        using var aes = Aes.Create();
        aes.Key = call.Bytes(0).ToArray();
        var counter = call.Bytes(1).ToArray();
        var data = call.Bytes(2).ToArray();
        var skipped = (long)call.Number(3);
        Advance(counter, skipped / counter.Length);
        var used = (int)(skipped % counter.Length);
        var pad = aes.EncryptEcb(counter, PaddingMode.None);
        for (var index = 0; index < data.Length; index++)
        {
            if (used == pad.Length)
            {
                Advance(counter, 1);
                pad = aes.EncryptEcb(counter, PaddingMode.None);
                used = 0;
            }

            data[index] ^= pad[used++];
        }

        return call.Engine.NewBytes(data);
    }

    private static void Advance(byte[] counter, long blocks)
    {
        for (var index = counter.Length - 1; index >= 0 && blocks > 0; index--)
        {
            blocks += counter[index];
            counter[index] = (byte)blocks;
            blocks >>= 8;
        }
    }

    /// <summary>Arguments: encrypt, key, iv, data, additional data, tag. An encrypted text has its tag at the end.</summary>
    private static JsValue AesGcm(in HostCall call)
    {
        using var aes = new AesGcm(call.Bytes(1), TagBytes);
        var data = call.Bytes(3);
        var result = new byte[data.Length + (call.Flag(0) ? TagBytes : 0)];
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
