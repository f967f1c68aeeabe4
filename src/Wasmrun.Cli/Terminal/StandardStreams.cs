using System.Runtime.InteropServices;
using System.Text;

namespace Wasmrun.Cli.Terminal;

/// <summary>
/// The numbers 0 to 2, which whoever starts the program may have closed. The runtime, which begins before the program, then has files of its own under them: a guest
/// would read its random numbers, and write into its signals.
/// </summary>
internal static unsafe partial class StandardStreams
{
    private const int Count = 3;
    private const int GetFlags = 1;
    private const int CloseOnExec = 1;
    private const int ReadAndWrite = 2;

    private static ReadOnlySpan<byte> Nothing => "/dev/null\0"u8;

    private static ReadOnlySpan<byte> Itself => "/proc/self/exe\0"u8;

    /// <summary>Begins anew with <c>/dev/null</c> in place of the streams that are closed; does nothing where all are open.</summary>
    internal static void Ensure()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Span<bool> closed = [IsClosed(0), IsClosed(1), IsClosed(2)];
        if (!closed.Contains(value: true))
        {
            return;
        }

        // A copy of what is inherited is not closed on exec, and what is the runtime's own ends with it.
        var nothing = OpenFile(ref MemoryMarshal.GetReference(Nothing), ReadAndWrite);
        for (var number = 0; number < Count; number++)
        {
            if (closed[number] && nothing != number && Duplicate(nothing, number) != number)
            {
                return;
            }
        }

        if (nothing >= Count)
        {
            _ = Close(nothing);
        }

        var words = Encoding.Latin1.GetBytes(File.ReadAllText("/proc/self/cmdline", Encoding.Latin1));
        fixed (byte* start = words)
        {
            var arguments = new byte*[words.Count(character => character == 0) + 1];
            for (var (index, place) = (0, 0); index < arguments.Length - 1; index++, place += words.AsSpan(place).IndexOf((byte)0) + 1)
            {
                arguments[index] = start + place;
            }

            fixed (byte** list = arguments)
            {
                _ = Execute(ref MemoryMarshal.GetReference(Itself), list);
            }
        }
    }

    /// <summary>What comes through an exec is never to be closed by one; what the runtime opens always is.</summary>
    private static bool IsClosed(int number) => Control(number, GetFlags, 0) is var flags && (flags < 0 || (flags & CloseOnExec) != 0);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int number, int command, int argument);

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial int OpenFile(ref readonly byte path, int flags);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int number, int wanted);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int number);

    [LibraryImport("libc", EntryPoint = "execv")]
    private static partial int Execute(ref readonly byte path, byte** arguments);
}
