using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Reads keys in the forms that programs for Node.js have them: PEM, certificates, DER and JWK.</summary>
internal static class KeyReader
{
    private static readonly (string Node, string Jwk, ECCurve Curve)[] _curves =
    [
        ("prime256v1", "P-256", ECCurve.NamedCurves.nistP256), ("secp384r1", "P-384", ECCurve.NamedCurves.nistP384), ("secp521r1", "P-521", ECCurve.NamedCurves.nistP521),
    ];

    /// <summary>Reads a key in any of its forms.</summary>
    /// <param name="format">pem, jwk, or der-pkcs8, der-pkcs1, der-sec1, der-spki.</param>
    /// <returns>The key, which the caller disposes.</returns>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public static (AsymmetricAlgorithm Key, bool IsPrivate) Read(ReadOnlySpan<byte> bytes, string format, string? passphrase, StopSignal stop) => format switch
    {
        "pem" => FromPem(Encoding.UTF8.GetString(bytes), passphrase, stop),
        "jwk" => FromJwk(bytes),
        "der-pkcs8" => passphrase is null ? (FromDer(bytes, isPrivate: true), true) : (EncryptedKey.Open(bytes.ToArray(), passphrase, stop), true),
        "der-spki" => (FromDer(bytes, isPrivate: false), false),
        "der-sec1" => (Imported(ECDsa.Create(), bytes, static (key, data) => key.ImportECPrivateKey(data, out _)), true),
        "der-pkcs1" => FromPkcs1(bytes),
        _ => throw new CryptographicException($"unknown form of key '{format}'"),
    };

    /// <summary>A key from PKCS #8 when it is private, from SubjectPublicKeyInfo otherwise.</summary>
    public static AsymmetricAlgorithm FromDer(ReadOnlySpan<byte> bytes, bool isPrivate) => RsaOrEc(bytes, (key, data) => Import(key, data, isPrivate));

    /// <summary>A key of whichever kind it is; RSA is tried first.</summary>
    public static AsymmetricAlgorithm RsaOrEc(ReadOnlySpan<byte> bytes, Action<AsymmetricAlgorithm, byte[]> import)
    {
        try
        {
            return Imported(RSA.Create(), bytes, import);
        }
        catch (CryptographicException)
        {
            return Imported(ECDsa.Create(), bytes, import);
        }
    }

    public static ECCurve CurveOf(string name) => Array.Find(_curves, curve => curve.Node == name || curve.Jwk == name) is { Node: not null } found
        ? found.Curve
        : throw new CryptographicException($"there is no curve '{name}'; there are prime256v1, secp384r1 and secp521r1");

    public static string NameOf(ECCurve curve) => Array.Find(_curves, each => each.Curve.Oid.Value == curve.Oid.Value).Node ?? curve.Oid.FriendlyName ?? "unknown";

    private static void Import(AsymmetricAlgorithm key, ReadOnlySpan<byte> bytes, bool isPrivate)
    {
        if (isPrivate)
        {
            key.ImportPkcs8PrivateKey(bytes, out _);
        }
        else
        {
            key.ImportSubjectPublicKeyInfo(bytes, out _);
        }
    }

    private static T Imported<T>(T key, ReadOnlySpan<byte> bytes, Action<T, byte[]> import)
        where T : AsymmetricAlgorithm
    {
        try
        {
            import(key, bytes.ToArray());
            return key;
        }
        catch (CryptographicException)
        {
            key.Dispose();
            throw;
        }
    }

    private static (AsymmetricAlgorithm Key, bool IsPrivate) FromPkcs1(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return (Imported(RSA.Create(), bytes, static (key, data) => key.ImportRSAPrivateKey(data, out _)), true);
        }
        catch (CryptographicException)
        {
            return (Imported(RSA.Create(), bytes, static (key, data) => key.ImportRSAPublicKey(data, out _)), false);
        }
    }

    private static (AsymmetricAlgorithm Key, bool IsPrivate) FromPem(string text, string? passphrase, StopSignal stop)
    {
        var fields = PemEncoding.Find(text);
        var bytes = Convert.FromBase64String(text[fields.Base64Data]);
        return text[fields.Label] switch
        {
            "PRIVATE KEY" => Read(bytes, "der-pkcs8", null, stop),
            "ENCRYPTED PRIVATE KEY" => Read(bytes, "der-pkcs8", passphrase ?? throw new CryptographicException("the key needs a passphrase"), stop),
            "PUBLIC KEY" => Read(bytes, "der-spki", null, stop),
            "RSA PRIVATE KEY" or "RSA PUBLIC KEY" => Read(bytes, "der-pkcs1", null, stop),
            "EC PRIVATE KEY" => Read(bytes, "der-sec1", null, stop),
            "CERTIFICATE" => (FromCertificate(bytes), false),
            var label => throw new CryptographicException($"no key is in a PEM block '{label}'"),
        };
    }

    private static AsymmetricAlgorithm FromCertificate(byte[] bytes)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(bytes);
        return FromDer(certificate.PublicKey.ExportSubjectPublicKeyInfo(), isPrivate: false);
    }

    private static (AsymmetricAlgorithm Key, bool IsPrivate) FromJwk(ReadOnlySpan<byte> json)
    {
        using var document = JsonDocument.Parse(json.ToArray());
        var jwk = document.RootElement;
        var isPrivate = jwk.TryGetProperty("d", out _);
        if (jwk.GetProperty("kty").GetString() == "RSA")
        {
            return (RSA.Create(new RSAParameters
            {
                Modulus = Field(jwk, "n"),
                Exponent = Field(jwk, "e"),
                D = Field(jwk, "d"),
                P = Field(jwk, "p"),
                Q = Field(jwk, "q"),
                DP = Field(jwk, "dp"),
                DQ = Field(jwk, "dq"),
                InverseQ = Field(jwk, "qi"),
            }), isPrivate);
        }

        return (ECDsa.Create(new ECParameters
        {
            Curve = CurveOf(jwk.GetProperty("crv").GetString() ?? string.Empty),
            Q = new() { X = Field(jwk, "x"), Y = Field(jwk, "y") },
            D = Field(jwk, "d"),
        }), isPrivate);
    }

    private static byte[]? Field(JsonElement jwk, string name) => jwk.TryGetProperty(name, out var value) ? Base64Url.DecodeFromChars(value.GetString()) : null;
}
