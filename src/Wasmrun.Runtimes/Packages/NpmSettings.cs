namespace Wasmrun.Runtimes.Packages;

/// <summary>Which registry the user fetches packages from: the environment, then <c>.npmrc</c> of the home folder, then npm's own.</summary>
internal static class NpmSettings
{
    private const string DefaultRegistry = "https://registry.npmjs.org/";
    private const string Variable = "npm_config_registry";

    /// <summary>The address, with a slash at its end.</summary>
    public static Uri FindRegistry(IReadOnlyDictionary<string, string> environment, string homeFolder)
    {
        var written = environment.FirstOrDefault(entry => entry.Key.Equals(Variable, StringComparison.OrdinalIgnoreCase)).Value
            ?? ReadFile(Path.Combine(homeFolder, ".npmrc"));
        return Uri.TryCreate(written, UriKind.Absolute, out var registry) && registry.Scheme is "http" or "https"
            ? new Uri(registry.AbsoluteUri.TrimEnd('/') + "/")
            : new Uri(DefaultRegistry);
    }

    private static string? ReadFile(string path) => !File.Exists(path) ? null : File.ReadLines(path)
        .Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries))
        .Where(parts => parts is ["registry", _])
        .Select(parts => parts[1].Trim('"'))
        .LastOrDefault();
}
