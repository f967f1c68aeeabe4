using System.Security.Cryptography;
using System.Text;
using Wasmrun.Runtimes.Modules;
using Wasmrun.Runtimes.Packages.Keeping;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// The interpreter's module, fit to begin with the memory of another instance: it also exports its stack pointer and the function that
/// runs a piece of Python. What it says about its source is left out, which is half of it. What is left is split: compiling it is most of the first start,
/// and a third of its functions is all that most programs call before they serve.
/// </summary>
internal static class PythonModule
{
    /// <summary>The address where the stack ends that the interpreter keeps in memory.</summary>
    public const string StackPointer = "wasmrun_stack_pointer";

    /// <summary><c>PyRun_SimpleStringFlags</c>.</summary>
    public const string Run = "wasmrun_run";

    /// <summary>SHA-256 of each part, so that nobody has to read it at a start; the one that instances are made of comes first, the others are loaded when they are called.</summary>
    public static readonly IReadOnlyList<string> Hashes =
    [
        "9d8c047be27e3d8a038cdb473637b75e9f3f4c192309396391a7b2a4fb21f16a",
        "5baf46dffe65ad638c31d2d4f01a0ae7c94098f734650da6c287a1f612146348",
        "287e61a0e8d7aca8f0a0e2b17f02fa35d28a6a9ead4f80fc3661b6f02b0cccb9",
        "76512c13bb95b3f7da34b4df80dcbcabf050fc2a711af30354b7f76fbba7a451",
    ];

    /// <summary>The one module whose functions are known by their numbers: they have no names in it.</summary>
    private const string KnownHash = "e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763";

    private const int KnownBytes = 26267204;
    private const uint RunFunction = 4056;
    private const uint StackPointerGlobal = 0;
    private const string Version = "4";
    private const string PartMark = "-part";
    private const string PlanName = "Wasmrun.Runtimes.Python.python.functions";

    private const int HeaderBytes = 8;
    private const byte CustomSection = 0;
    private const byte ExportSection = 7;
    private const byte FunctionKind = 0;
    private const byte GlobalKind = 3;

    /// <summary>The names of the files that a package becomes in this version, the near part first.</summary>
    /// <param name="name">Of the package.</param>
    public static string[] FileNames(string name) => [$"{name}-{Version}.wasm", .. Enumerable.Range(1, Hashes.Count - 1).Select(part => $"{name}-{Version}{PartMark}{part}.wasm")];

    /// <summary>The name of the package that a file is of, whatever version has made it.</summary>
    public static string PackageOf(string fileName)
    {
        var name = Path.GetFileNameWithoutExtension(fileName);
        foreach (var mark in (string[])[PartMark, "-far"])
        {
            var at = name.LastIndexOf(mark, StringComparison.Ordinal);
            name = at > 0 && name[(at + mark.Length)..].All(char.IsAsciiDigit) ? name[..at] : name;
        }

        return name[..Math.Max(0, name.LastIndexOf('-'))];
    }

    /// <summary>Writes a part of the module into the folder, unless it is there.</summary>
    /// <param name="name">Of the package that it is from.</param>
    /// <param name="part">0 is the near one.</param>
    /// <returns>The file; null when the module is another one, which has to be run as it is.</returns>
    public static string? Prepare(string modulePath, string folder, string name, int part)
    {
        var path = Path.Combine(folder, FileNames(name)[part]);
        if (File.Exists(path))
        {
            return path;
        }

        var module = File.ReadAllBytes(modulePath);
        if (module.Length != KnownBytes)
        {
            return null;
        }

        // Reading the hash takes as long as all the rest.
        var hashing = Task.Run(() => SHA256.HashData(module));
        var content = new ModuleSplit(Rewrite(module), ReadPlan()).Write(part, StackPointer);
        if (Convert.ToHexStringLower(hashing.GetAwaiter().GetResult()) != KnownHash)
        {
            return null;
        }

        CacheEntry.Make("Python's interpreter", path, content.Length, partial => File.WriteAllBytes(partial, content));
        return path;
    }

    private static string ReadPlan()
    {
        using var reader = new StreamReader(typeof(PythonModule).Assembly.GetManifestResourceStream(PlanName)!);
        return reader.ReadToEnd().ReplaceLineEndings(string.Empty);
    }

    private static byte[] Rewrite(ReadOnlySpan<byte> module)
    {
        var result = new MemoryStream(module.Length);
        result.Write(module[..HeaderBytes]);
        for (var at = HeaderBytes; at < module.Length;)
        {
            var kind = module[at++];
            var size = (int)WasmNumber.Read(module, ref at);
            var section = module.Slice(at, size);
            at += size;
            if (kind != CustomSection)
            {
                var content = kind == ExportSection ? AddExports(section) : section;
                result.WriteByte(kind);
                WasmNumber.Write(result, (uint)content.Length);
                result.Write(content);
            }
        }

        return result.ToArray();
    }

    private static ReadOnlySpan<byte> AddExports(ReadOnlySpan<byte> section)
    {
        var at = 0;
        var count = WasmNumber.Read(section, ref at);
        var result = new MemoryStream();
        WasmNumber.Write(result, count + 2);
        result.Write(section[at..]);
        AddExport(result, StackPointer, GlobalKind, StackPointerGlobal);
        AddExport(result, Run, FunctionKind, RunFunction);
        return result.ToArray();
    }

    private static void AddExport(MemoryStream section, string name, byte kind, uint index)
    {
        WasmNumber.Write(section, (uint)name.Length);
        section.Write(Encoding.ASCII.GetBytes(name));
        section.WriteByte(kind);
        WasmNumber.Write(section, index);
    }
}
