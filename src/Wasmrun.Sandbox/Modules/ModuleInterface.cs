using Wasmtime;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Checks what a module asks of its host and what it offers to it, before anything runs: every import must be there in its
/// type, and a program must have a start function and a memory.
/// </summary>
internal static class ModuleInterface
{
    public const string Start = "_start";
    public const string Memory = "memory";

    private const int ShownImports = 8;

    /// <summary>Finds everything that is missing at once.</summary>
    /// <exception cref="ModuleProblemException">The module cannot run here; all reasons are in it.</exception>
    public static void Check(Module module)
    {
        string[] problems = [.. ImportProblems(module.Imports), .. Ambiguities(module.Imports), .. ExportProblems(module)];
        if (problems.Length > 0)
        {
            throw new ModuleProblemException(new(string.Join("; ", problems)));
        }
    }

    /// <summary>Bytes of memory that the module has from its start.</summary>
    public static long InitialMemory(Module module) =>
        module.Exports.OfType<MemoryExport>().Where(IsMemory).Select(memory => memory.Minimum * 65536).SingleOrDefault();

    private static IEnumerable<string> ImportProblems(IEnumerable<Import> imports)
    {
        var unknown = imports.Select(import => (Import: import, Problem: Problem(import))).Where(each => each.Problem is not null).ToArray();
        foreach (var byModule in unknown.GroupBy(each => each.Import.ModuleName, StringComparer.Ordinal))
        {
            var shown = byModule.Take(ShownImports).Select(each => $"'{ForeignName.Printed($"{each.Import.ModuleName}.{each.Import.Name}")}' {each.Problem}");
            var more = byModule.Count() - ShownImports;
            yield return $"imports what is not there: {string.Join(", ", shown)}{(more > 0 ? $" and {more} more" : string.Empty)}{Remedy(byModule.Key)}";
        }
    }

    private static string? Problem(Import import) => import switch
    {
        FunctionImport function => HostFunctions.Problem(function),
        MemoryImport => "is a memory, and a guest brings its own",
        TableImport => "is a table, and a guest brings its own",
        GlobalImport => "is a global, and a guest brings its own",
        _ => "is not known",
    };

    private static string Remedy(string module) => module switch
    {
        HostFunctions.ModuleName => string.Empty,
        "wasi_unstable" => " (it was built for WASI as it was before preview 1: build it with a current compiler)",
        "env" => " (functions and data of 'env' are what the linker did not find: link the library that has them, and link without --allow-undefined and --import-memory)",
        "go" or "gojs" => " (it was built for JavaScript: build it with GOOS=wasip1 GOARCH=wasm)",
        "wasi" => " (it was built with threads: build it for wasm32-wasip1)",
        _ when module.StartsWith("wasi:", StringComparison.Ordinal) => " (these are of WASI preview 2: build it for wasm32-wasip1)",
        _ when module.StartsWith("wasix", StringComparison.Ordinal) => " (it was built for WASIX: build it for wasm32-wasip1)",
        _ when module.StartsWith("__wb", StringComparison.Ordinal) || module is "wbg" => " (it was built for JavaScript by wasm-bindgen: build it for wasm32-wasip1)",
        _ => $" (only functions of '{HostFunctions.ModuleName}' can be imported)",
    };

    /// <summary>The engine looks for a function by its name, so one that comes in several types can be had in one of them at a time.</summary>
    private static IEnumerable<string> Ambiguities(IEnumerable<Import> imports) => imports.OfType<FunctionImport>()
        .GroupBy(import => (import.ModuleName, import.Name))
        .Select(same => same.DistinctBy(import => import.Parameters.Count).ToArray())
        .Where(forms => forms.Length > 1 && Array.TrueForAll(forms, form => HostFunctions.Problem(form) is null))
        .Select(forms => $"imports '{forms[0].Name}' with {string.Join(" and with ", forms.Select(form => form.Parameters.Count).Order())} parameters: "
            + "use either the functions of preview 1 or those of the socket extension for it");

    private static IEnumerable<string> ExportProblems(Module module)
    {
        var start = module.Exports.FirstOrDefault(export => string.Equals(export.Name, Start, StringComparison.Ordinal));
        switch (start)
        {
            case FunctionExport { Parameters.Count: 0, Results.Count: 0 }:
                break;
            case FunctionExport:
                yield return $"exports '{Start}' with parameters or results; a program's start function has neither";
                break;
            case null when module.Exports.Any(export => string.Equals(export.Name, "_initialize", StringComparison.Ordinal)):
                yield return $"is a library: it exports '_initialize' and no '{Start}'; build it as a program (not -mexec-model=reactor, not a cdylib), with a main function";
                break;
            case null:
                yield return $"exports no function '{Start}'; build it as a program, with a main function";
                break;
            default:
                yield return $"exports '{Start}', but not as a function";
                break;
        }

        if (module.Imports.Count > 0 && !module.Exports.OfType<MemoryExport>().Any(IsMemory))
        {
            yield return $"exports no memory under the name '{Memory}', which host functions need";
        }
    }

    private static bool IsMemory(MemoryExport memory) => string.Equals(memory.Name, Memory, StringComparison.Ordinal);
}
