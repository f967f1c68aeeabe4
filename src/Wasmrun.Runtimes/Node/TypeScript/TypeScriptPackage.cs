using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Packages.Keeping;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.TypeScript;

/// <summary>Gets what strips types for projects that have TypeScript files: a package that holds its WebAssembly module as text in a script.</summary>
internal static class TypeScriptPackage
{
    /// <summary>What stands before the module in the script.</summary>
    private const string Begin = "Buffer.from('";

    private const int MaxFiles = 20_000;
    private static readonly string[] _endings = [".ts", ".mts", ".cts"];

    /// <summary>Null for a project without TypeScript.</summary>
    /// <exception cref="PackageFetchException">The package cannot be had.</exception>
    public static async Task<TypeStripper?> GetAsync(SandboxEngine engine, RuntimeOptions options, string project, CancellationToken token)
    {
        if (!HasTypeScript(project))
        {
            return null;
        }

        var package = await RuntimePackages.GetAsync(RuntimeLock.TypeScript, options, project, token);
        return new(engine, () => LoadAsync(engine, options, package), RuntimeLock.TypeScript.Integrity, options.StrippedFolder);
    }

    private static async Task<CompiledModule> LoadAsync(SandboxEngine engine, RuntimeOptions options, string package)
    {
        var module = Path.Combine(options.Folder, "typescript", $"{PackageStore.KeyOf(RuntimeLock.TypeScript).Replace('/', '+')}.wasm");
        if (!File.Exists(module))
        {
            await ExtractAsync(Path.Combine(package, "wasm.js"), module);
        }

        return await engine.LoadLibraryAsync(module, CancellationToken.None);
    }

    private static bool HasTypeScript(string project)
    {
        var seen = 0;
        var folders = new Queue<DirectoryInfo>([new DirectoryInfo(project)]);
        while (folders.TryDequeue(out var folder))
        {
            foreach (var entry in folder.EnumerateFileSystemInfos())
            {
                if (++seen > MaxFiles || (entry is FileInfo && IsTypeScript(entry.Name)))
                {
                    return true;
                }

                if (entry is DirectoryInfo inner && entry.LinkTarget is null && entry.Name is not "node_modules" && !entry.Name.StartsWith('.'))
                {
                    folders.Enqueue(inner);
                }
            }
        }

        return false;
    }

    /// <summary>Files that only declare types are never run.</summary>
    private static bool IsTypeScript(string name) =>
        _endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal) && !name.EndsWith($".d{ending}", StringComparison.Ordinal));

    private static async Task ExtractAsync(string script, string module)
    {
        var text = await File.ReadAllTextAsync(script);
        var start = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = start < Begin.Length ? -1 : text.IndexOf('\'', start);
        if (end < 0)
        {
            throw new PackageFetchException($"the package {RuntimeLock.TypeScript} holds no module in '{script}'");
        }

        PrivateFolder.Make(Path.GetDirectoryName(module)!);
        var unfinished = $"{module}.{Guid.NewGuid():N}";
        await File.WriteAllBytesAsync(unfinished, Convert.FromBase64String(text[start..end]));
        File.Move(unfinished, module, overwrite: true);
    }
}
