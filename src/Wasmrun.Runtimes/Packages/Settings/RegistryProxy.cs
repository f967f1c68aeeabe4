using System.Net;

namespace Wasmrun.Runtimes.Packages.Settings;

/// <summary>
/// The proxy on the way to a server: npm's <c>https-proxy</c>, <c>proxy</c> and <c>noproxy</c>, else the usual variables
/// <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c>.
/// </summary>
internal sealed class RegistryProxy(NpmSettings settings) : IWebProxy
{
    /// <inheritdoc />
    public ICredentials? Credentials { get; set; } = new ProxyCredentials(settings);

    /// <inheritdoc />
    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : Find(settings, destination.Scheme == Uri.UriSchemeHttps);

    /// <inheritdoc />
    public bool IsBypassed(Uri host) => (settings["noproxy"] ?? settings.Variable("NO_PROXY") ?? string.Empty)
        .Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Any(rule => IsMeant(rule, host));

    private static bool IsMeant(string rule, Uri host)
    {
        var name = rule.TrimStart('*').TrimStart('.');
        if (rule is "*")
        {
            return true;
        }

        var colon = name.LastIndexOf(':');
        if (colon > 0 && name.IndexOf(':', StringComparison.Ordinal) == colon)
        {
            if (!int.TryParse(name[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture, out var port) || port != host.Port)
            {
                return false;
            }

            name = name[..colon];
        }

        var asked = host.IdnHost;
        return name.Length > 0 && (asked.Equals(name, StringComparison.OrdinalIgnoreCase) || asked.EndsWith($".{name}", StringComparison.OrdinalIgnoreCase));
    }

    private static Uri? Find(NpmSettings settings, bool secure)
    {
        var written = secure
            ? Set(settings["https-proxy"]) ?? Set(settings["proxy"]) ?? settings.Variable("HTTPS_PROXY") ?? settings.Variable("ALL_PROXY")
            : Set(settings["proxy"]) ?? settings.Variable("HTTP_PROXY") ?? settings.Variable("ALL_PROXY");
        return written is null ? null
            : Uri.TryCreate(written.Contains("://", StringComparison.Ordinal) ? written : $"http://{written}", UriKind.Absolute, out var proxy) ? proxy
            : throw new PackageFetchException($"the proxy '{written}' is not an address; write it as http://HOST:PORT");
    }

    private static string? Set(string? value) => value is null or "" or "null" or "false" ? null : value;

    /// <summary>A proxy's user and password stand in its address.</summary>
    private sealed class ProxyCredentials(NpmSettings settings) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            var info = ((Uri?[])[Find(settings, secure: true), Find(settings, secure: false)])
                .FirstOrDefault(proxy => proxy is not null && proxy.Authority == uri.Authority && proxy.UserInfo.Length > 0)?.UserInfo.Split(':', 2);
            return info is null ? null : new(Uri.UnescapeDataString(info[0]), info.Length > 1 ? Uri.UnescapeDataString(info[1]) : string.Empty);
        }
    }
}
