using Wasmrun.Runtimes.Packages.Fetching;

namespace Wasmrun.Runtimes;

/// <summary>What the language runtimes need of the machine.</summary>
/// <param name="folder">Where packages and prepared code are kept; made when first needed, and closed to other users.</param>
/// <param name="environment">Of the runner's process: it may name the registry, its settings and a proxy.</param>
public sealed class RuntimeOptions(string folder, IReadOnlyDictionary<string, string> environment)
{
    private ProgressLines? _lines;

    public string Folder { get; } = folder;

    public IReadOnlyDictionary<string, string> Environment { get; } = environment;

    /// <summary>Told what takes a while, such as fetching a package.</summary>
    public Action<string> Tell { get; init; } = static _ => { };

    /// <summary>Told, from any thread, what decides how fast instances start, for who wants to know all.</summary>
    public Action<string> Explain { get; init; } = static _ => { };

    /// <summary>Shown how far each package has come that is fetched; unless set, <see cref="Tell"/> is told in lines.</summary>
    public Action<FetchProgress>? Progress { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How patiently packages are fetched; null for the usual patience.</summary>
    internal FetchOptions? Fetching { get; init; }

    internal string PackageFolder => Path.Combine(Folder, "packages");

    internal string ModuleFolder => Path.Combine(Folder, "modules");

    /// <summary>What TypeScript files have become.</summary>
    internal string StrippedFolder => Path.Combine(Folder, "stripped");

    /// <summary>Engines that have booted, to start from.</summary>
    internal string ImageFolder => Path.Combine(Folder, "images");

    /// <summary>Memory of Python interpreters with which others begin.</summary>
    internal string PythonImageFolder { get; init; } = Path.Combine(folder, "python-images");

    /// <summary>A folder for each Python project, with the byte code of its sources and of its packages.</summary>
    internal string ByteCodeFolder => Path.Combine(Folder, "bytecode");

    /// <summary>A folder for each package of Python, with its standard library unpacked.</summary>
    internal string LibraryFolder => Path.Combine(Folder, "library");

    /// <summary>The modules that Python's packages have become.</summary>
    internal string InterpreterFolder => Path.Combine(Folder, "interpreter");

    internal string UsesFolder => Path.Combine(Folder, "uses");

    internal Action<FetchProgress> Report => Progress ?? (_lines ??= new(Tell, Time)).Report;
}
