using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// Public-key cryptography through .NET's: RSA and the curves P-256, P-384 and P-521. A key is its PKCS #8 or SubjectPublicKeyInfo
/// bytes, which the guest keeps, so nothing is held here for it.
/// </summary>
internal static class KeyFunctions
{
    private const int MostRsaBits = 4096;

    public static void Register(HostTable table, DrivenGuest guest)
    {
        var rsa = new RsaMaking(guest);
        table.AddLasting("keyParse", (in HostCall call) => Guarded(call, (in HostCall inner) => Parse(inner, guest.Network.Stop)));
        table.AddLasting("keyGenerate", (in HostCall call) => Guarded(call, (in HostCall inner) => inner.Text(0) == "rsa"
            ? inner.Engine.NewBytes(rsa.Make(BitsOf(inner.Int(1))))
            : NewBytes(inner, ECDsa.Create(KeyReader.CurveOf(inner.Text(1))), key => key.ExportPkcs8PrivateKey())));
        table.Add("rsaBegin", (in HostCall call) =>
        {
            rsa.Begin(BitsOf(call.Int(0)));
            return JsValue.Undefined;
        });
        table.Add("rsaTake", (in HostCall call) => Guarded(call, (in HostCall inner) => rsa.Take() is { } key ? inner.Engine.NewBytes(key) : JsValue.Null));
        table.AddLasting("keyPublic", (in HostCall call) => Guarded(call, (in HostCall inner) => NewBytes(inner, Load(inner.Bytes(0), isPrivate: true), key => key.ExportSubjectPublicKeyInfo())));
        table.AddLasting("keyExport", (in HostCall call) => Guarded(call, Export));
        table.AddLasting("keySign", (in HostCall call) => Guarded(call, Sign));
        table.AddLasting("keyVerify", (in HostCall call) => Guarded(call, Verify));
        table.AddLasting("keyEncrypt", (in HostCall call) => Guarded(call, Encrypt));
        table.AddLasting("keyAgree", (in HostCall call) => Guarded(call, Agree));
        table.AddLasting("keyDecrypt", (in HostCall call) => Guarded(call, Decrypt));
    }

    private static JsValue Guarded(in HostCall call, HostFunction function)
    {
        try
        {
            return function(call);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException or FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new HostErrorException("ERR_OSSL_UNSUPPORTED", $"error:1E08010C:DECODER routines::unsupported ({e.Message})");
        }
    }

    private static JsValue NewBytes(in HostCall call, AsymmetricAlgorithm key, Func<AsymmetricAlgorithm, byte[]> export)
    {
        using (key)
        {
            return call.Engine.NewBytes(export(key));
        }
    }

    /// <summary>Arguments: bytes, format, passphrase. Answers a description with the canonical bytes, in JSON.</summary>
    private static JsValue Parse(in HostCall call, StopSignal stop)
    {
        var parsed = KeyReader.Read(call.Bytes(0), call.Text(1), call[2].IsString ? call.Text(2) : null, stop);
        using (parsed.Key)
        {
            return call.Engine.NewText(Describe(parsed.Key, parsed.IsPrivate));
        }
    }

    private static string Describe(AsymmetricAlgorithm key, bool isPrivate)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", isPrivate ? "private" : "public");
            writer.WriteBase64String("bytes", isPrivate ? key.ExportPkcs8PrivateKey() : key.ExportSubjectPublicKeyInfo());
            if (key is RSA rsa)
            {
                var parameters = rsa.ExportParameters(isPrivate);
                writer.WriteString("kind", "rsa");
                writer.WriteNumber("bits", rsa.KeySize);
                writer.WriteString("exponent", Convert.ToHexStringLower(parameters.Exponent!));
                writer.WriteString("n", Base64Url.EncodeToString(parameters.Modulus));
                writer.WriteString("e", Base64Url.EncodeToString(parameters.Exponent));
                if (isPrivate)
                {
                    writer.WriteString("d", Base64Url.EncodeToString(parameters.D));
                    writer.WriteString("p", Base64Url.EncodeToString(parameters.P));
                    writer.WriteString("q", Base64Url.EncodeToString(parameters.Q));
                    writer.WriteString("dp", Base64Url.EncodeToString(parameters.DP));
                    writer.WriteString("dq", Base64Url.EncodeToString(parameters.DQ));
                    writer.WriteString("qi", Base64Url.EncodeToString(parameters.InverseQ));
                }
            }
            else
            {
                var parameters = ((ECDsa)key).ExportParameters(isPrivate);
                writer.WriteString("kind", "ec");
                writer.WriteString("curve", KeyReader.NameOf(parameters.Curve));
                writer.WriteString("x", Base64Url.EncodeToString(parameters.Q.X));
                writer.WriteString("y", Base64Url.EncodeToString(parameters.Q.Y));
                if (isPrivate)
                {
                    writer.WriteString("d", Base64Url.EncodeToString(parameters.D));
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Arguments: key, whether it is private, pkcs1 or sec1. Answers the older form.</summary>
    private static JsValue Export(in HostCall call)
    {
        var (isPrivate, form) = (call.Flag(1), call.Text(2));
        return NewBytes(call, Load(call.Bytes(0), isPrivate), key => (key, form) switch
        {
            (RSA rsa, "pkcs1") => isPrivate ? rsa.ExportRSAPrivateKey() : rsa.ExportRSAPublicKey(),
            (ECDsa ec, "sec1") when isPrivate => ec.ExportECPrivateKey(),
            _ => throw new CryptographicException($"a key of this kind has no form '{form}'"),
        });
    }

    /// <summary>Arguments: key, hash, data, 6 for PSS, whether a signature of a curve is two numbers side by side.</summary>
    private static JsValue Sign(in HostCall call)
    {
        using var key = Load(call.Bytes(0), isPrivate: true);
        var hash = CryptoFunctions.Name(call.Text(1));
        return call.Engine.NewBytes(key is RSA rsa
            ? rsa.SignData(call.Bytes(2).ToArray(), hash, Padding(call.Int(3)))
            : ((ECDsa)key).SignData(call.Bytes(2).ToArray(), hash, Format(call.Flag(4))));
    }

    /// <summary>Arguments: key, hash, data, 6 for PSS, whether a signature of a curve is two numbers side by side, signature.</summary>
    private static JsValue Verify(in HostCall call)
    {
        using var key = Load(call.Bytes(0), isPrivate: false);
        var hash = CryptoFunctions.Name(call.Text(1));
        return JsValue.From(key is RSA rsa
            ? rsa.VerifyData(call.Bytes(2), call.Bytes(5), hash, Padding(call.Int(3)))
            : ((ECDsa)key).VerifyData(call.Bytes(2), call.Bytes(5), hash, Format(call.Flag(4))));
    }

    /// <summary>Arguments: public key, data, 1 for PKCS #1 or else OAEP, the latter's hash.</summary>
    private static JsValue Encrypt(in HostCall call)
    {
        using var key = Load(call.Bytes(0), isPrivate: false);
        return call.Engine.NewBytes(Rsa(key).Encrypt(call.Bytes(1).ToArray(), EncryptionPadding(call)));
    }

    /// <summary>Arguments: private key, data, 1 for PKCS #1 or else OAEP, the latter's hash.</summary>
    private static JsValue Decrypt(in HostCall call)
    {
        using var key = Load(call.Bytes(0), isPrivate: true);
        return call.Engine.NewBytes(Rsa(key).Decrypt(call.Bytes(1).ToArray(), EncryptionPadding(call)));
    }

    /// <summary>Arguments: private key of a curve, public key of the same one. Answers the secret that both sides come to.</summary>
    private static JsValue Agree(in HostCall call)
    {
        using var own = ECDiffieHellman.Create();
        own.ImportPkcs8PrivateKey(call.Bytes(0), out _);
        using var other = ECDiffieHellman.Create();
        other.ImportSubjectPublicKeyInfo(call.Bytes(1), out _);
        using var publicKey = other.PublicKey;
        return call.Engine.NewBytes(own.DeriveRawSecretAgreement(publicKey));
    }

    private static int BitsOf(int bits) => bits <= MostRsaBits
        ? bits
        : throw new HostErrorException("ERR_OUT_OF_RANGE", $"RSA keys of {bits} bits are not made in a wasmrun sandbox: they would take minutes, which nobody could end; at most {MostRsaBits}");

    private static AsymmetricAlgorithm Load(ReadOnlySpan<byte> bytes, bool isPrivate) => KeyReader.FromDer(bytes, isPrivate);

    private static RSA Rsa(AsymmetricAlgorithm key) => key as RSA ?? throw new CryptographicException("only RSA keys encrypt");

    private static RSAEncryptionPadding EncryptionPadding(in HostCall call) =>
        call.Int(2) == 1 ? RSAEncryptionPadding.Pkcs1 : RSAEncryptionPadding.CreateOaep(CryptoFunctions.Name(call.Text(3)));

    private static RSASignaturePadding Padding(int number) => number == 6 ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;

    private static DSASignatureFormat Format(bool isPlain) =>
        isPlain ? DSASignatureFormat.IeeeP1363FixedFieldConcatenation : DSASignatureFormat.Rfc3279DerSequence;
}
