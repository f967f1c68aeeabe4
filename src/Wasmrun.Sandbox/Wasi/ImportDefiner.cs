using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Wasmrun.Sandbox.Engine;
using Wasmtime;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// Defines one imported function, in the type that the guest's module wants it in, which was checked when the module was loaded. The engine
/// calls straight in: its library for .NET would look up the store and pass through two delegates first, which takes 40 ns of each call.
/// </summary>
/// <seealso href="https://docs.wasmtime.dev/c-api/linker_8h.html"/>
internal readonly unsafe partial struct ImportDefiner(GuestLinker linker, FunctionImport import, WasiHost host)
{
    public string Name => import.Name;

    /// <summary>How many parameters the guest's module expects the function to have.</summary>
    public int ParameterCount => import.Parameters.Count;

    /// <summary>Defines it; true, for the one who looks for the group that it belongs to.</summary>
    /// <exception cref="WasmtimeException">The linker has such a function already.</exception>
    public bool Add(HostFunction function) => Add(&Call, GCHandle<Binding>.ToIntPtr(new(new(host, function))));

    /// <summary>Defines one that is called for every chunk of data, and has a way in of its own: it gets to its host at once.</summary>
    /// <param name="entry">Is given a handle of the host, and lets nothing be thrown: see <see cref="Fail"/>.</param>
    public bool Add(delegate* unmanaged[Cdecl]<nint, nint, byte*, nuint, nint> entry) => Add(entry, GCHandle<WasiHost>.ToIntPtr(new(host)));

    /// <summary>Answers for a function that has thrown: nothing may be thrown through the engine's frames.</summary>
    /// <returns>What is to be returned to the engine: the trap that ends the guest, or 0.</returns>
    public static nint Fail(byte* values, Exception exception)
    {
        if (exception is not GuestFaultException)
        {
            return TrapOf(null, exception);
        }

        *(uint*)values = (uint)WasiErrno.EFAULT;
        return 0;
    }

    private bool Add(delegate* unmanaged[Cdecl]<nint, nint, byte*, nuint, nint> entry, nint data)
    {
        var module = Encoding.UTF8.GetBytes(import.ModuleName);
        var name = Encoding.UTF8.GetBytes(import.Name);
        var type = FunctionType(Kinds(import.Parameters), Kinds(import.Results));
        fixed (byte* moduleBytes = module, nameBytes = name)
        {
            // The handle is freed with the function, also if it is refused.
            var error = DefineFunction(
                linker.Handle, moduleBytes, (nuint)module.Length, nameBytes, (nuint)name.Length,
                type, entry, data, &Free);
            DeleteFunctionType(type);
            return error == 0 ? true : throw ErrorOf(null, error);
        }
    }

    /// <summary>Where a guest comes in.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Call(nint data, nint caller, byte* values, nuint count)
    {
        try
        {
            var binding = GCHandle<Binding>.FromIntPtr(data).Target;
            *(uint*)values = (uint)binding.Function(binding.Host, new(values, count));
            return 0;
        }
        catch (Exception e)
        {
            return Fail(values, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint data) => GCHandle.FromIntPtr(data).Free();

    private static byte[] Kinds(IReadOnlyList<ValueKind> kinds) => [.. kinds.Select(static kind => (byte)kind)];

    /// <summary>Its owner deletes it.</summary>
    private static nint FunctionType(byte[] parameters, byte[] results)
    {
        var parameterTypes = Vector(parameters);
        var resultTypes = Vector(results);
        return NewFunctionType(&parameterTypes, &resultTypes);
    }

    private static ValueTypes Vector(byte[] kinds)
    {
        var types = stackalloc nint[kinds.Length];
        for (var i = 0; i < kinds.Length; i++)
        {
            types[i] = NewValueType(kinds[i]);
        }

        var vector = default(ValueTypes);
        NewValueTypes(&vector, (nuint)kinds.Length, types);
        return vector;
    }

    /// <summary>The trap that ends the guest, with the exception to be found again where the guest was called.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "HandleCallbackException")]
    private static extern nint TrapOf(Function? of, Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "FromOwnedError")]
    private static extern WasmtimeException ErrorOf(WasmtimeException? of, nint error);

    [LibraryImport("wasmtime", EntryPoint = "wasmtime_linker_define_func_unchecked")]
    private static partial nint DefineFunction(
        nint linker, byte* module, nuint moduleLength, byte* name, nuint nameLength, nint type,
        delegate* unmanaged[Cdecl]<nint, nint, byte*, nuint, nint> call, nint data, delegate* unmanaged[Cdecl]<nint, void> free);

    [LibraryImport("wasmtime", EntryPoint = "wasm_functype_new")]
    private static partial nint NewFunctionType(ValueTypes* parameters, ValueTypes* results);

    [LibraryImport("wasmtime", EntryPoint = "wasm_functype_delete")]
    private static partial void DeleteFunctionType(nint type);

    [LibraryImport("wasmtime", EntryPoint = "wasm_valtype_new")]
    private static partial nint NewValueType(byte kind);

    [LibraryImport("wasmtime", EntryPoint = "wasm_valtype_vec_new")]
    private static partial void NewValueTypes(ValueTypes* vector, nuint count, nint* types);

    [StructLayout(LayoutKind.Sequential)]
    private struct ValueTypes
    {
        public nuint Count;
        public nint* Types;
    }

    /// <summary>What the engine keeps for a function and passes to <see cref="Call"/>.</summary>
    private sealed record Binding(WasiHost Host, HostFunction Function);
}
