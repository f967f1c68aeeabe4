using System.Net.Http.Headers;
using Wasmrun.Runtimes.Projects;

namespace Wasmrun.Runtimes.Packages.Settings;

/// <summary>
/// How the user has set npm up, which is how packages are fetched here too. The environment (<c>npm_config_registry</c>) wins over
/// <c>.npmrc</c> in the project, that over <c>~/.npmrc</c>, and that over the global file where the environment names one.
/// </summary>
internal sealed class NpmSettings
{
    private const string DefaultRegistry = "https://registry.npmjs.org/";
    private const string FileName = ".npmrc";
    private const string VariablePrefix = "npm_config_";

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly string _home;

    private NpmSettings(IReadOnlyDictionary<string, string> environment)
    {
        _environment = environment;
        _home = environment.GetValueOrDefault("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
    }

    /// <summary>Reads the files and variables as they are now.</summary>
    /// <param name="projectFolder">The project that packages are fetched for, or null.</param>
    public static NpmSettings Load(IReadOnlyDictionary<string, string> environment, string? projectFolder)
    {
        var settings = new NpmSettings(environment);
        var variables = OfEnvironment(environment);
        settings.Add(variables.GetValueOrDefault("globalconfig"));
        settings.Add(variables.GetValueOrDefault("userconfig") ?? Path.Combine(settings._home, FileName));
        if (projectFolder is not null && ProjectText.Read(projectFolder, FileName) is { } text)
        {
            settings.Add(NpmrcFile.Parse(text, environment), Path.GetFullPath(projectFolder));
        }

        settings.Add(variables, projectFolder ?? settings._home);
        return settings;
    }

    /// <summary>A setting as it is written; null when nothing sets it.</summary>
    public string? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>A variable of the environment under its name in small or capital letters; null when it is empty or not there.</summary>
    public string? Variable(string name)
    {
        var value = _environment.GetValueOrDefault(name.ToLowerInvariant()) ?? _environment.GetValueOrDefault(name.ToUpperInvariant());
        return string.IsNullOrWhiteSpace(value) ? null : value;
    }

    /// <summary>The registry of a package's scope, or else the one for all packages; with a slash at its end.</summary>
    /// <exception cref="PackageFetchException">What is set is not an address.</exception>
    public Uri RegistryFor(string package)
    {
        var scope = package is ['@', ..] ? package.Split('/')[0] : null;
        var key = scope is not null && _values.ContainsKey($"{scope}:registry") ? $"{scope}:registry" : "registry";
        var written = this[key] ?? DefaultRegistry;
        return Uri.TryCreate(written.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new PackageFetchException($"the setting '{key}' of npm is '{written}', which is not an address; write it as https://HOST/ in {FileName}");
    }

    /// <summary>What to show a server as proof of who asks: the setting for the longest path that the address begins with.</summary>
    public AuthenticationHeaderValue? CredentialsFor(Uri address) => PlacesOf(address).Select(ReadCredentials).FirstOrDefault(static found => found is not null);

    /// <summary>
    /// The certificate to show a server: the one for the longest path that the address begins with, else <c>cert</c>, which only the servers of registries
    /// get to see. Null without either.
    /// </summary>
    /// <exception cref="PackageFetchException">There is a certificate without its key, or a key without its certificate.</exception>
    public ClientIdentity? IdentityFor(Uri address)
    {
        if (address.Scheme != Uri.UriSchemeHttps)
        {
            return null;
        }

        return PlacesOf(address).Select(place => ReadIdentity(place, $"{place}:certfile", $"{place}:keyfile")).FirstOrDefault(static found => found is not null)
            ?? (IsOfRegistry(address) ? ReadIdentity(string.Empty, "cert", "key") : null);
    }

    /// <summary>The beginnings that settings for this address may have, the longest first.</summary>
    private static IEnumerable<string> PlacesOf(Uri address)
    {
        for (var path = address.AbsolutePath; ; path = path[..^1])
        {
            path = path[..(path.LastIndexOf('/') + 1)];
            yield return $"//{address.Authority}{path}";
            yield return $"//{address.Authority}{path.TrimEnd('/')}";
            if (path.Length <= 1)
            {
                yield break;
            }
        }
    }

    private bool IsOfRegistry(Uri address) => _values
        .Where(static setting => setting.Key is "registry" || setting.Key.EndsWith(":registry", StringComparison.Ordinal))
        .Select(static setting => setting.Value)
        .Append(DefaultRegistry)
        .Any(registry => Uri.TryCreate(registry, UriKind.Absolute, out var known) && known.Authority == address.Authority);

    private ClientIdentity? ReadIdentity(string place, string certificate, string key) => (Set(certificate), Set(key)) switch
    {
        ({ } shown, { } secret) => new(place, shown, secret),
        (null, null) => null,
        var (shown, _) => throw new PackageFetchException(
            $"npm's setting '{(shown is null ? key : certificate)}' is of no use without '{(shown is null ? certificate : key)}'; set both, or neither"),
    };

    private string? Set(string key) => this[key] is { Length: > 0 } value and not "null" ? value : null;

    private AuthenticationHeaderValue? ReadCredentials(string place)
    {
        if (this[$"{place}:_authToken"] is { Length: > 0 } token)
        {
            return new("Bearer", token);
        }

        if (this[$"{place}:_auth"] is { Length: > 0 } pair)
        {
            return new("Basic", pair);
        }

        return this[$"{place}:username"] is { Length: > 0 } user && this[$"{place}:_password"] is { Length: > 0 } password && Decode(password) is { } plain
            ? new("Basic", Convert.ToBase64String([.. System.Text.Encoding.UTF8.GetBytes($"{user}:"), .. plain]))
            : null;
    }

    private static byte[]? Decode(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var count) ? bytes[..count] : null;
    }

    private void Add(string? file)
    {
        if (file is not null && File.Exists(file))
        {
            Add(NpmrcFile.Parse(File.ReadAllText(file), _environment), Path.GetDirectoryName(Path.GetFullPath(file))!);
        }
    }

    private void Add(Dictionary<string, string> values, string folder)
    {
        foreach (var (key, value) in values)
        {
            _values[key] = !IsFile(key) || value.Length == 0 ? value
                : value.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(_home, value[2..])
                : Path.GetFullPath(value, folder);
        }
    }

    private static bool IsFile(string key) =>
        key is "cafile" || key.EndsWith(":certfile", StringComparison.Ordinal) || key.EndsWith(":keyfile", StringComparison.Ordinal);

    /// <summary>Names are in small letters with hyphens, save those that belong to a server.</summary>
    private static Dictionary<string, string> OfEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in environment.Where(variable => variable.Value.Length > 0))
        {
            if (name.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase) && name.Length > VariablePrefix.Length)
            {
                var key = name[VariablePrefix.Length..];
                values[key.StartsWith("//", StringComparison.Ordinal) || key[0] == '@' ? key : key[..1].ToLowerInvariant() + key[1..].Replace('_', '-').ToLowerInvariant()] = value;
            }
        }

        return values;
    }
}
