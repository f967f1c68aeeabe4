using System.Security.Cryptography;
using System.Text;
using Wasmrun.Runtimes.Packages.Keeping;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// The interpreter's module, fit to begin with the memory of another instance: it also exports its stack pointer and the function that
/// runs a piece of Python. What it says about its source is left out, which is half of it.
/// </summary>
internal static class PythonModule
{
    /// <summary>The address where the stack ends that the interpreter keeps in memory.</summary>
    public const string StackPointer = "wasmrun_stack_pointer";

    /// <summary><c>PyRun_SimpleStringFlags</c>.</summary>
    public const string Run = "wasmrun_run";

    /// <summary>SHA-256 of the module that is made, so that nobody has to read it at a start.</summary>
    public const string Hash = "b26e56c690e519eed5ab494cf321db993ae55b15979d616192e61ac0d026811c";

    /// <summary>The one module whose functions are known by their numbers: they have no names in it.</summary>
    private const string KnownHash = "e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763";

    private const uint RunFunction = 4056;
    private const uint StackPointerGlobal = 0;
    private const string Version = "1";

    private const int HeaderBytes = 8;
    private const byte CustomSection = 0;
    private const byte ExportSection = 7;
    private const byte FunctionKind = 0;
    private const byte GlobalKind = 3;

    /// <summary>Writes the module into the folder, unless it is there.</summary>
    /// <param name="name">Of the package that it is from.</param>
    /// <returns>The file to run; null when the module is another one, which has to be run as it is.</returns>
    public static string? Prepare(string modulePath, string folder, string name)
    {
        var path = Path.Combine(folder, $"{name}-{Version}.wasm");
        if (File.Exists(path))
        {
            return path;
        }

        var module = File.ReadAllBytes(modulePath);
        if (Convert.ToHexStringLower(SHA256.HashData(module)) != KnownHash)
        {
            return null;
        }

        var rewritten = Rewrite(module);
        CacheEntry.Make("Python's interpreter", path, rewritten.Length, partial => File.WriteAllBytes(partial, rewritten));
        return path;
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
