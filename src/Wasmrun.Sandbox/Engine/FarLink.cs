using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// Binds the two parts of a program that was split. The near one is what is instantiated. It exports a table through which each part calls the other's functions,
/// whose first element is called, without parameters, before the first call of a far one. The far part imports memory, tables and globals of the near one under the
/// module name <c>wasmrun</c>, and puts its functions into the table.
/// </summary>
internal static class FarLink
{
    public const string ModuleName = "wasmrun";
    public const string Calls = "wasmrun_far";

    /// <summary>Lets the guest have its far part when it asks for it, on its own thread.</summary>
    public static void Attach(Store store, Instance near, FarCode far, Wasmtime.Engine engine, WasiHost host, StopSignal stop)
    {
        var calls = near.GetTable(Calls) ?? throw new InvalidOperationException("the module has no part to be loaded later");
        calls.SetElement(0, Function.FromCallback(store, () =>
        {
            var module = far.Load(stop).Code.Module;
            using var linker = new GuestLinker(engine);
            host.Define(linker, module);
            foreach (var import in module.Imports.Where(static import => string.Equals(import.ModuleName, ModuleName, StringComparison.Ordinal)))
            {
                DefineExport(linker.Linker, import, near);
            }

            linker.Linker.Instantiate(store, module);
        }));
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
