using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Wasmrun.Runtimes.Packages.Settings;

/// <summary>
/// Which certificates of servers are believed: those of the system unless <c>cafile</c> or <c>ca</c> name others,
/// <c>NODE_EXTRA_CA_CERTS</c> beside them, and any at all with <c>strict-ssl=false</c>.
/// </summary>
internal static class RegistryTrust
{
    /// <summary>How certificates are checked under these settings.</summary>
    /// <exception cref="PackageFetchException">A file of certificates cannot be read.</exception>
    public static SslClientAuthenticationOptions Options(NpmSettings settings)
    {
        var options = new SslClientAuthenticationOptions();
        if (settings["strict-ssl"] is "false")
        {
#pragma warning disable CA5359 // The user has asked for just that, and archives are still checked by their hashes.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
            return options;
        }

        var replaced = new X509Certificate2Collection();
        Load(replaced, settings["cafile"], "cafile");
        foreach (var text in ((string?[])[settings["ca"], .. settings["ca[]"]?.Split('\n') ?? []]).Where(text => text is not (null or "" or "null")))
        {
            Load(replaced, "ca", () => replaced.ImportFromPem(text!.Replace("\\n", "\n", StringComparison.Ordinal)));
        }

        var added = new X509Certificate2Collection();
        Load(added, settings.Variable("NODE_EXTRA_CA_CERTS"), "NODE_EXTRA_CA_CERTS");
        if (replaced.Count > 0 || added.Count > 0)
        {
            options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                (errors == SslPolicyErrors.None && replaced.Count == 0)
                || (errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateChainErrors && IsSignedBy([.. replaced, .. added], certificate, chain));
        }

        return options;
    }

    private static bool IsSignedBy(X509Certificate2Collection roots, X509Certificate? certificate, X509Chain? sent)
    {
        if (certificate is not X509Certificate2 leaf)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(leaf);
    }

    private static void Load(X509Certificate2Collection certificates, string? file, string setting)
    {
        if (file is not (null or "" or "null"))
        {
            Load(certificates, $"{setting} '{file}'", () => certificates.ImportFromPemFile(file));
        }
    }

    private static void Load(X509Certificate2Collection certificates, string what, Action load)
    {
        try
        {
            load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new PackageFetchException($"the certificates of npm's {what} cannot be read: {e.Message}", e);
        }
    }
}
