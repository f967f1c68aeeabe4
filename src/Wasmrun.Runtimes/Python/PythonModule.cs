using System.Security.Cryptography;
using System.Text;
using Wasmrun.Runtimes.Modules;
using Wasmrun.Runtimes.Packages.Keeping;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// The interpreter's module, fit to begin with the memory of another instance: it also exports its stack pointer and the function that
/// runs a piece of Python. What it says about its source is left out, which is half of it. What is left is split in two: compiling it is most of the first start,
/// and half of its functions no usual program calls.
/// </summary>
internal static class PythonModule
{
    /// <summary>The address where the stack ends that the interpreter keeps in memory.</summary>
    public const string StackPointer = "wasmrun_stack_pointer";

    /// <summary><c>PyRun_SimpleStringFlags</c>.</summary>
    public const string Run = "wasmrun_run";

    /// <summary>SHA-256 of the part that instances are made of, so that nobody has to read it at a start.</summary>
    public const string NearHash = "ff26286c91f98fee8e6d1ae6e07c94c8f5f706a24ab8db7b67a7cd126d596b22";

    /// <summary>SHA-256 of the part that is only loaded when it is called.</summary>
    public const string FarHash = "968f79b4577c03b34a622e685b50fe22f5150ac01145ae80a593936ee7c02244";

    /// <summary>The one module whose functions are known by their numbers: they have no names in it.</summary>
    private const string KnownHash = "e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763";

    private const uint RunFunction = 4056;
    private const uint StackPointerGlobal = 0;
    private const string Version = "2";
    private const string FarEnding = "-far";
    private const string PlanName = "Wasmrun.Runtimes.Python.python.functions";

    private const int HeaderBytes = 8;
    private const byte CustomSection = 0;
    private const byte ExportSection = 7;
    private const byte FunctionKind = 0;
    private const byte GlobalKind = 3;

    /// <summary>The names of the files that a package becomes in this version, the near part first.</summary>
    /// <param name="name">Of the package.</param>
    public static string[] FileNames(string name) => [$"{name}-{Version}.wasm", $"{name}-{Version}{FarEnding}.wasm"];

    /// <summary>The name of the package that a file is of, whatever version has made it.</summary>
    public static string PackageOf(string fileName)
    {
        var name = Path.GetFileNameWithoutExtension(fileName);
        name = name.EndsWith(FarEnding, StringComparison.Ordinal) ? name[..^FarEnding.Length] : name;
        return name[..Math.Max(0, name.LastIndexOf('-'))];
    }

    /// <summary>Writes both parts of the module into the folder, unless they are there.</summary>
    /// <param name="name">Of the package that it is from.</param>
    /// <returns>The files; null when the module is another one, which has to be run as it is.</returns>
    public static (string Near, string Far)? Prepare(string modulePath, string folder, string name)
    {
        string[] paths = [.. FileNames(name).Select(file => Path.Combine(folder, file))];
        var (near, far) = (paths[0], paths[1]);
        if (File.Exists(near) && File.Exists(far))
        {
            return (near, far);
        }

        var module = File.ReadAllBytes(modulePath);
        if (Convert.ToHexStringLower(SHA256.HashData(module)) != KnownHash)
        {
            return null;
        }

        var split = new ModuleSplit(Rewrite(module), ReadPlan());
        Write(near, split.WriteNear());
        Write(far, split.WriteFar(StackPointer));
        return (near, far);
    }

    private static void Write(string path, byte[] part) => CacheEntry.Make("Python's interpreter", path, part.Length, partial => File.WriteAllBytes(partial, part));

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
