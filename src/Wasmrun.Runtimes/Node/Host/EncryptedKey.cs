using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Keys;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// Decrypts private keys that need a passphrase. How many rounds that takes is up to who made the key, and .NET would do all of them without a pause:
/// those of PBES2, in which keys are written today, are done here, so that the guest can be stopped meanwhile; of the older schemes there may be only so many.
/// </summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8018#appendix-A"/>
internal static class EncryptedKey
{
    private const int MostOldRounds = 10_000;

    /// <summary>The key, which the caller disposes.</summary>
    /// <param name="bytes">An EncryptedPrivateKeyInfo of PKCS #8.</param>
    /// <exception cref="CryptographicException">It is none, or the passphrase is another one.</exception>
    /// <exception cref="AsnContentException">It is no DER.</exception>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public static AsymmetricAlgorithm Open(byte[] bytes, string passphrase, StopSignal stop)
    {
        var info = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence();
        var (scheme, parameters) = ReadAlgorithm(info);
        var data = info.ReadOctetString();
        var values = parameters.ReadSequence();
        if (scheme == "1.2.840.113549.1.5.13")
        {
            return KeyReader.FromDer(Decrypt(values, data, passphrase, stop), isPrivate: true);
        }

        _ = values.ReadOctetString();
        return ReadRounds(values) <= MostOldRounds
            ? KeyReader.RsaOrEc(bytes, (key, encrypted) => key.ImportEncryptedPkcs8PrivateKey(passphrase, encrypted, out _))
            : throw new CryptographicException($"keys that are encrypted in this way may have at most {MostOldRounds} rounds in a wasmrun sandbox");
    }

    private static byte[] Decrypt(AsnReader schemes, byte[] data, string passphrase, StopSignal stop)
    {
        var (derivation, parameters) = ReadAlgorithm(schemes);
        if (derivation != "1.2.840.113549.1.5.12")
        {
            throw new CryptographicException($"unknown key derivation {derivation}");
        }

        var values = parameters.ReadSequence();
        var salt = values.ReadOctetString();
        var rounds = ReadRounds(values);
        if (values.HasData && values.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            _ = values.ReadInteger();
        }

        var hash = HashOf(values.HasData ? ReadAlgorithm(values).Name : null);
        var (cipherName, vector) = ReadAlgorithm(schemes);
        var (cipher, keyBytes) = CipherOf(cipherName);
        using (cipher)
        {
            cipher.Key = Pbkdf2.Derive(hash, Encoding.UTF8.GetBytes(passphrase), salt, rounds, keyBytes, stop);
            return cipher.DecryptCbc(data, vector.ReadOctetString());
        }
    }

    private static (string Name, AsnReader Parameters) ReadAlgorithm(AsnReader reader)
    {
        var algorithm = reader.ReadSequence();
        return (algorithm.ReadObjectIdentifier(), algorithm);
    }

    private static int ReadRounds(AsnReader reader) => reader.TryReadInt32(out var rounds) && rounds > 0
        ? rounds
        : throw new CryptographicException("the number of rounds is out of range");

    private static HashAlgorithmName HashOf(string? name) => name switch
    {
        null or "1.2.840.113549.2.7" => HashAlgorithmName.SHA1,
        "1.2.840.113549.2.9" => HashAlgorithmName.SHA256,
        "1.2.840.113549.2.10" => HashAlgorithmName.SHA384,
        "1.2.840.113549.2.11" => HashAlgorithmName.SHA512,
        _ => throw new CryptographicException($"unknown hash {name}"),
    };

    private static (SymmetricAlgorithm Cipher, int KeyBytes) CipherOf(string name) => name switch
    {
        "2.16.840.1.101.3.4.1.2" => (Aes.Create(), 16),
        "2.16.840.1.101.3.4.1.22" => (Aes.Create(), 24),
        "2.16.840.1.101.3.4.1.42" => (Aes.Create(), 32),
#pragma warning disable CA5350 // Old keys are encrypted with it.
        "1.2.840.113549.3.7" => (TripleDES.Create(), 24),
#pragma warning restore CA5350
        _ => throw new CryptographicException($"unknown cipher {name}"),
    };
}
