using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Keys;
using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Cryptography through .NET's: hashes, message authentication and random numbers.</summary>
internal sealed class CryptoFunctions(StopSignal stop)
{
    // What the host holds is not the guest's memory.
    private const int MostBytes = 1 << 20;

    public void Register(HostTable table)
    {
        table.Add("randomBytes", (in HostCall call) => call.Engine.NewBytes(RandomNumberGenerator.GetBytes((int)Bounds.UpTo(MostBytes, call.Int(0), "size"))));
        table.Add("randomFill", (in HostCall call) =>
        {
            var bytes = call.Bytes(0);
            for (var at = 0; at < bytes.Length; at += Pieces.Bytes)
            {
                stop.ThrowIfRequested();
                RandomNumberGenerator.Fill(bytes[at..Math.Min(bytes.Length, at + Pieces.Bytes)]);
            }

            return JsValue.Undefined;
        });
        table.Add("hash", (in HostCall call) => call.Engine.NewBytes(Digests.Hash(call.Text(0), call.Bytes(1), stop)));
        table.Add("hashText", HashText);
        table.Add("hmac", (in HostCall call) => call.Engine.NewBytes(Digests.Authenticate(call.Text(0), call.Bytes(1), call.Bytes(2), stop)));
        table.Add("equalInTime", (in HostCall call) => JsValue.From(CryptographicOperations.FixedTimeEquals(call.Bytes(0), call.Bytes(1))));
    }

    /// <summary>Arguments: hash, text, 0 hex, 1 base64, 2 base64url. Answers a text.</summary>
    private JsValue HashText(in HostCall call)
    {
        if (call.Engine.TryReadAscii(call[1], out var ascii))
        {
            return Show(call, Digests.Hash(call.Text(0), ascii, stop));
        }

        if (call.Int(3) == (int)CodecFunctions.Coding.Latin1)
        {
            return Show(call, Digests.Hash(call.Text(0), Encoding.Latin1.GetBytes(call.Text(1)), stop));
        }

        var text = call.Engine.OpenText(call[1], out var length);
        var utf8 = call.Engine.Slice(text, length);
        var hash = Digests.Hash(call.Text(0), Utf8.IsValid(utf8) ? utf8 : CodecFunctions.Readable(utf8), stop);
        call.Engine.CloseText(text);
        return Show(call, hash);
    }

    private static JsValue Show(in HostCall call, byte[] hash) => call.Engine.NewText(call.Int(2) switch
    {
        0 => Convert.ToHexStringLower(hash),
        1 => Convert.ToBase64String(hash),
        _ => Base64Url.EncodeToString(hash),
    });

    public static HashAlgorithmName Name(string algorithm) => algorithm switch
    {
        "md5" => HashAlgorithmName.MD5,
        "sha1" => HashAlgorithmName.SHA1,
        "sha256" => HashAlgorithmName.SHA256,
        "sha384" => HashAlgorithmName.SHA384,
        "sha512" => HashAlgorithmName.SHA512,
        _ => throw new HostErrorException("ERR_CRYPTO_INVALID_DIGEST", $"Invalid digest: {algorithm}"),
    };
}
