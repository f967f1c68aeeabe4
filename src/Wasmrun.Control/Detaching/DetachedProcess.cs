using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Wasmrun.Control.Detaching;

/// <summary>
/// A process that outlives the shell that started it: a session of its own, nothing on standard input, a file behind standard
/// output and error, default signals, and not one descriptor of its parent, so that <c>$(wasmrun up -d)</c> returns.
/// The class library cannot start such a process, hence <c>posix_spawn</c>.
/// </summary>
public sealed class DetachedProcess
{
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int OwnerReadWrite = 0x180;

    private DetachedProcess(int id) => Id = id;

    public int Id { get; }

    /// <summary>Starts the process; it runs when this returns.</summary>
    /// <exception cref="Win32Exception">The system refused.</exception>
    public static unsafe DetachedProcess Start(DetachedCommand command)
    {
        var actions = stackalloc byte[Spawn.OpaqueBytes];
        var attributes = stackalloc byte[Spawn.OpaqueBytes];
        var signals = stackalloc byte[Spawn.SignalSetBytes];
        Check(Spawn.ActionsInit(actions));
        Check(Spawn.AttributesInit(attributes));
        try
        {
            var (create, append) = OperatingSystem.IsMacOS() ? (0x200, 0x8) : (0x40, 0x400);
            Check(Spawn.AddOpen(actions, 0, "/dev/null", ReadOnly, 0));
            Check(Spawn.AddOpen(actions, 1, command.LogPath, WriteOnly | create | append, OwnerReadWrite));
            Check(Spawn.AddDuplicate(actions, 1, 2));
            foreach (var descriptor in InheritedDescriptors())
            {
                Check(Spawn.AddClose(actions, descriptor));
            }

            Check(Spawn.FillSignals(signals));
            Check(Spawn.SetDefaultSignals(attributes, signals));
            Check(Spawn.EmptySignals(signals));
            Check(Spawn.SetSignalMask(attributes, signals));
            Check(Spawn.SetFlags(attributes, OperatingSystem.IsMacOS() ? Spawn.MacFlags : Spawn.LinuxFlags));

            using var arguments = new NativeStrings([command.FileName, .. command.Arguments]);
            using var environment = new NativeStrings([.. command.Environment.Select(pair => $"{pair.Key}={pair.Value}")]);
            Check(Spawn.Start(out var id, command.FileName, actions, attributes, arguments.Pointer, environment.Pointer));
            return new DetachedProcess(id);
        }
        finally
        {
            _ = Spawn.ActionsDestroy(actions);
            _ = Spawn.AttributesDestroy(attributes);
        }
    }

    /// <summary>Whether the process ended while its starter still lives; the code is 128 plus the signal if one killed it.</summary>
    public bool HasExited(out int exitCode)
    {
        var result = Spawn.WaitPid(Id, out var status, Spawn.DoNotWait);
        exitCode = (status & 0x7F) == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F);
        return result == Id;
    }

    /// <summary>
    /// Descriptors beyond the standard three that a shell may have handed down. macOS closes them all by a flag of its own.
    /// </summary>
    private static List<int> InheritedDescriptors() =>
        OperatingSystem.IsLinux()
            ? Directory.EnumerateFileSystemEntries("/proc/self/fd")
                .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))
                .Where(descriptor => descriptor > 2)
                .ToList()
            : [];

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new Win32Exception(error, $"cannot start a detached process: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }
}
