using Wasmrun.Runtimes.Modules;
using Wasmrun.Runtimes.Packages.Keeping;

namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>The engine's module as it is run: with its short functions in place of their calls.</summary>
internal static class EngineModule
{
    /// <summary>SHA-256 of the module that is made, so that nobody has to read it at a start.</summary>
    public const string Hash = "529f9653408e3c1ec4396a9dd7a65362b390b838884ac6883d4933d53c00ad92";

    private const string Version = "1";

    /// <summary>What is short still with shorter ones in it is put in place of its calls too.</summary>
    private const int Rounds = 2;

    /// <summary>The name of the file that a package becomes in this version.</summary>
    /// <param name="name">Of the package.</param>
    public static string FileName(string name) => $"{name}-{Version}.wasm";

    /// <summary>Writes the module into the folder, unless it is there, and answers the file to run.</summary>
    /// <param name="name">Of the package that it is from.</param>
    public static string Prepare(string modulePath, string folder, string name)
    {
        var path = Path.Combine(folder, FileName(name));
        if (!File.Exists(path))
        {
            var rewritten = Rewrite(File.ReadAllBytes(modulePath));
            CacheEntry.Make("the JavaScript engine", path, rewritten.Length, partial => File.WriteAllBytes(partial, rewritten));
        }

        return path;
    }

    /// <summary>Puts the short functions of a module, which imports functions alone, in place of their calls.</summary>
    /// <exception cref="NotSupportedException">It has something that is not known here.</exception>
    internal static byte[] Rewrite(byte[] module)
    {
        var sections = new WasmSections(module);
        var types = sections.ReadTypes();
        IReadOnlyList<ModuleFunction> functions = [.. sections.ReadFunctionTypes().Zip(
            sections.ReadBodies(), (type, body) => ModuleFunction.Read(module.AsSpan(body), types[(int)type]))];
        for (var round = 0; round < Rounds; round++)
        {
            functions = new Inliner((int)sections.Count(WasmSections.Import).Entries, functions).Run();
        }

        var result = new MemoryStream(module.Length * 2);
        result.Write(module.AsSpan(0, WasmSections.HeaderBytes));
        foreach (var kind in sections.Kinds)
        {
            WasmSections.Write(result, kind, kind == WasmSections.Code ? Code(functions) : sections[kind]);
        }

        return result.ToArray();
    }

    private static byte[] Code(IReadOnlyList<ModuleFunction> functions)
    {
        var code = new MemoryStream();
        WasmNumber.Write(code, (uint)functions.Count);
        foreach (var function in functions)
        {
            function.Write(code);
        }

        return code.ToArray();
    }
}
