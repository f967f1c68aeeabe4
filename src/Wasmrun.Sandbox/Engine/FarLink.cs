using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// Binds the parts of a program that was split. The near one is what is instantiated. It exports a table with an element for each of the others, which is called,
/// without parameters, before the first call of a function that is there. These parts import memory, tables and globals of the near one under the
/// module name <c>wasmrun</c>, and put their functions into its table.
/// </summary>
internal static class FarLink
{
    public const string ModuleName = "wasmrun";
    public const string Loaders = "wasmrun_far";

    /// <summary>Lets the guest have each of its far parts when it asks for it, on its own thread.</summary>
    public static void Attach(Store store, Instance near, IReadOnlyList<FarCode> parts, Wasmtime.Engine engine, WasiHost host, StopSignal stop)
    {
        var loaders = near.GetTable(Loaders) ?? throw new InvalidOperationException("the module has no part to be loaded later");
        foreach (var (index, part) in parts.Index())
        {
            loaders.SetElement((uint)index, Function.FromCallback(store, () => Link(store, near, part.Load(stop).Code.Module, engine, host)));
        }
    }

    private static void Link(Store store, Instance near, Module part, Wasmtime.Engine engine, WasiHost host)
    {
        using var linker = new GuestLinker(engine);
        host.Define(linker, part);
        foreach (var import in part.Imports.Where(static import => string.Equals(import.ModuleName, ModuleName, StringComparison.Ordinal)))
        {
            DefineExport(linker.Linker, import, near);
        }

        linker.Linker.Instantiate(store, part);
    }

    /// <summary>What the near part does not have, the engine names when it is missing.</summary>
    private static void DefineExport(Linker linker, Import import, Instance near)
    {
        switch (import)
        {
            case MemoryImport when near.GetMemory(import.Name) is { } memory:
                linker.Define(ModuleName, import.Name, memory);
                break;
            case TableImport when near.GetTable(import.Name) is { } table:
                linker.Define(ModuleName, import.Name, table);
                break;
            case GlobalImport when near.GetGlobal(import.Name) is { } global:
                linker.Define(ModuleName, import.Name, global);
                break;
        }
    }
}
