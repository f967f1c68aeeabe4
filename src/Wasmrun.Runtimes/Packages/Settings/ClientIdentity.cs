using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Wasmrun.Runtimes.Packages.Settings;

/// <summary>
/// The certificate that proves to a server who asks, and its private key: the files that <c>certfile</c> and <c>keyfile</c> name for one server, or the
/// texts in <c>cert</c> and <c>key</c>.
/// </summary>
/// <param name="Place">The beginning of the settings' names, empty for <c>cert</c> and <c>key</c>.</param>
internal sealed record ClientIdentity(string Place, string Certificate, string Key)
{
    private bool AreFiles => Place.Length > 0;

    /// <summary>Reads the certificate, those of the authorities between it and the root that stand beside it, and the key.</summary>
    /// <exception cref="PackageFetchException">They cannot be read, or do not belong together.</exception>
    public SslStreamCertificateContext Load()
    {
        try
        {
            var text = AreFiles ? File.ReadAllText(Certificate) : WithLineFeeds(Certificate);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(text);
            return SslStreamCertificateContext.Create(Usable(X509Certificate2.CreateFromPem(text, AreFiles ? File.ReadAllText(Key) : WithLineFeeds(Key))), chain, offline: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            var what = AreFiles ? $"'{Place}:certfile' ({Certificate}) and '{Place}:keyfile' ({Key})" : "'cert' and 'key'";
            throw new PackageFetchException($"npm's settings {what} do not name a certificate and its private key, both as PEM and without a password: {e.Message}", e);
        }
    }

    private static string WithLineFeeds(string text) => text.Replace("\\n", "\n", StringComparison.Ordinal);

    /// <summary>Windows does not use a key that is nowhere but in memory.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        }
    }
}
