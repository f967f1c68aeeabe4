using System.Runtime.InteropServices;

namespace Wasmrun.Control.Detaching;

/// <summary>
/// <c>posix_spawn</c> and its cast (https://pubs.opengroup.org/onlinepubs/9799919799/functions/posix_spawn.html). The sizes of
/// its opaque structures differ between C libraries; the buffers here are larger than any of them.
/// </summary>
internal static unsafe partial class Spawn
{
    internal const int OpaqueBytes = 512;
    internal const int SignalSetBytes = 128;
    internal const int DoNotWait = 1;

    private const short DefaultSignals = 0x04;
    private const short SignalMask = 0x08;

    /// <summary>With a session of its own.</summary>
    internal const short LinuxFlags = DefaultSignals | SignalMask | 0x80;

    /// <summary>With a session of its own, and every descriptor closed that no action names.</summary>
    internal const short MacFlags = DefaultSignals | SignalMask | 0x400 | 0x4000;

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int AddOpen(byte* actions, int descriptor, string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclose")]
    internal static partial int AddClose(byte* actions, int descriptor);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    internal static partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int SetDefaultSignals(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    internal static partial int SetSignalMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    internal static partial int FillSignals(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    internal static partial int EmptySignals(byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Start(out int id, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    internal static partial int WaitPid(int id, out int status, int options);
}
