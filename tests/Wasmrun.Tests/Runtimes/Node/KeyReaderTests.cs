using System.Formats.Asn1;
using System.Security.Cryptography;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Host;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>Private keys that a passphrase encrypts, of which whoever made them says how much work they are.</summary>
public sealed class KeyReaderTests : IDisposable
{
    private const string Passphrase = "p\u00e4ss";

    private readonly StopSignal _stop = new();

    public static TheoryData<PbeEncryptionAlgorithm, string, int> Schemes => new()
    {
        { PbeEncryptionAlgorithm.Aes128Cbc, "SHA1", 1 },
        { PbeEncryptionAlgorithm.Aes192Cbc, "SHA256", 2048 },
        { PbeEncryptionAlgorithm.Aes256Cbc, "SHA384", 2048 },
        { PbeEncryptionAlgorithm.Aes256Cbc, "SHA512", 60_000 },
        { PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, "SHA1", 2048 },
    };

    public void Dispose() => _stop.Dispose();

    [Theory]
    [MemberData(nameof(Schemes))]
    public void KeyWithAPassphrase_IsReadWithItAlone(PbeEncryptionAlgorithm cipher, string hash, int rounds)
    {
        using var rsa = RSA.Create(1024);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var made in new AsymmetricAlgorithm[] { rsa, ec })
        {
            var bytes = made.ExportEncryptedPkcs8PrivateKey(Passphrase, new(cipher, new(hash), rounds));
            var (key, isPrivate) = KeyReader.Read(bytes, "der-pkcs8", Passphrase, _stop);
            using (key)
            {
                Assert.True(isPrivate);
                Assert.Equal(made.ExportPkcs8PrivateKey(), key.ExportPkcs8PrivateKey());
            }

            Assert.Throws<CryptographicException>(() => KeyReader.Read(bytes, "der-pkcs8", "another", _stop));
        }
    }

    /// <summary>Of OpenSSL, which leaves out what is usual: <c>openssl pkcs8 -topk8 -v2 des3 -v2prf hmacWithSHA1</c>.</summary>
    [Fact]
    public void KeyOfOpenSsl_IsRead()
    {
        var (key, isPrivate) = KeyReader.Read(
            """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHVMEAGCSqGSIb3DQEFDTAzMBsGCSqGSIb3DQEFDDAOBAgOjPsyLteEtgICCAAw
            FAYIKoZIhvcNAwcECDeNPv+VAB1lBIGQK9MPuYYSD7FHIV3pvDJaao0hgn4WC44b
            3GVV172S4mqvAUn6OpG5Wn/qSkNNTF/q5z2m+jIdqqVIezklM+r2V58GwDv6T0uk
            Ug6fWD4S1sks0OVzn3+r7rGMwWRzaVZ7kMrbew4FyHz3N3n35ozMTzRlNo5fc2/R
            rXZoebhJ6JH9YrUwalQhqKq2G5n0G/Q8
            -----END ENCRYPTED PRIVATE KEY-----
            """u8,
            "pem",
            "secret",
            _stop);
        using (key)
        {
            Assert.True(isPrivate);
            Assert.Equal(256, key.KeySize);
        }
    }

    [Fact]
    public void RoundsWithoutEnd_AreLeftWhenTheGuestIsToStop()
    {
        var bytes = Encrypted("1.2.840.113549.1.5.13", int.MaxValue);
        _stop.Request();

        Assert.Throws<GuestStoppedException>(() => KeyReader.Read(bytes, "der-pkcs8", Passphrase, _stop));
    }

    [Theory]
    [InlineData("1.2.840.113549.1.12.1.3", int.MaxValue)]
    [InlineData("1.2.840.113549.1.5.3", 10_001)]
    [InlineData("1.2.840.113549.1.5.13", 0)]
    public void RoundsThatNobodyCouldEnd_AreRefused(string scheme, int rounds) =>
        Assert.Throws<CryptographicException>(() => KeyReader.Read(Encrypted(scheme, rounds), "der-pkcs8", Passphrase, _stop));

    private static byte[] Encrypted(string scheme, int rounds)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(scheme);
                using (writer.PushSequence())
                {
                    if (scheme == "1.2.840.113549.1.5.13")
                    {
                        WriteAlgorithm("1.2.840.113549.1.5.12", WriteRounds);
                        WriteAlgorithm("2.16.840.1.101.3.4.1.42", () => writer.WriteOctetString(new byte[16]));
                    }
                    else
                    {
                        writer.WriteOctetString(new byte[8]);
                        writer.WriteInteger(rounds);
                    }
                }
            }

            writer.WriteOctetString(new byte[32]);
        }

        return writer.Encode();

        void WriteAlgorithm(string name, Action writeParameters)
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(name);
                writeParameters();
            }
        }

        void WriteRounds()
        {
            using (writer.PushSequence())
            {
                writer.WriteOctetString(new byte[8]);
                writer.WriteInteger(rounds);
            }
        }
    }
}
