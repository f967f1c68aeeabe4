using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wasmtime;

namespace Wasmrun.Sandbox.Engine;

/// <summary>A linker whose handle is known, for what the engine's library for .NET does not offer.</summary>
internal sealed partial class GuestLinker : IDisposable
{
    public GuestLinker(Wasmtime.Engine engine)
    {
        Handle = New(((SafeHandle)HandleOf(engine)).DangerousGetHandle());
        Linker = Own(Handle);
        GC.KeepAlive(engine);
    }

    public Linker Linker { get; }

    /// <summary>The engine's own <c>wasmtime_linker_t</c>, until this is disposed.</summary>
    public nint Handle { get; }

    public void Dispose() => Linker.Dispose();

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_NativeHandle")]
    [return: UnsafeAccessorType("Wasmtime.Engine+Handle, Wasmtime.Dotnet")]
    private static extern object HandleOf(Wasmtime.Engine engine);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern Linker Own(nint handle);

    [LibraryImport("wasmtime", EntryPoint = "wasmtime_linker_new")]
    private static partial nint New(nint engine);
}
