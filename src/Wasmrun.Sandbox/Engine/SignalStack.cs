using System.Runtime.InteropServices;

namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// Frees the stack for signal handlers that .NET gave to a thread and the engine replaced by a larger one of its own. When
/// the thread ends, the engine frees its own and switches it off, and .NET, which only frees what is switched on, forgets the
/// first one: two mappings are lost with every guest, until the kernel gives the process no more and it dies.
/// </summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/sigaltstack.2.html"/>
internal readonly unsafe partial struct SignalStack
{
    private const int Disabled = 2;

    private readonly Description _former;

    private SignalStack(Description former) => _former = former;

    /// <summary>The stack of the calling thread, before a guest runs on it.</summary>
    public static SignalStack Current() => new(Query());

    /// <summary>Frees it, if the guest that has run on this thread since made the engine replace it.</summary>
    public void FreeIfReplaced()
    {
        if (_former.IsInUse && Query() is { IsInUse: true } current && current.Start != _former.Start)
        {
            _ = Unmap(_former.Start, _former.Size);
        }
    }

    private static Description Query()
    {
        Description stack;
        return OperatingSystem.IsLinux() && Exchange(null, &stack) == 0 ? stack : default;
    }

    [LibraryImport("libc", EntryPoint = "sigaltstack")]
    private static partial int Exchange(Description* replacement, Description* former);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint start, nuint length);

    [StructLayout(LayoutKind.Sequential)]
    private struct Description
    {
        public nint Start;
        public int Flags;
        public nuint Size;

        public readonly bool IsInUse => Start != 0 && (Flags & Disabled) == 0;
    }
}
