using System.Runtime.InteropServices;

namespace Wasmrun.Cli.Terminal;

/// <summary>
/// A standard stream of this process, written byte for byte. The class library's console stream hides that the reader went
/// away, and its file stream keeps an offset of its own, which overwrites when two streams share a file; hence the system call.
/// </summary>
internal sealed unsafe partial class DescriptorOutput(int descriptor) : IOutput
{
    private const int Interrupted = 4;
    private const int BrokenPipe = 32;
    private const int InputOutputError = 5;
    private const short PollOut = 4;

    public bool IsTerminal { get; } = IsATerminal(descriptor) == 1;

    public string? Target { get; } = OperatingSystem.IsLinux() ? new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget : null;

    private static int WouldBlock => OperatingSystem.IsMacOS() ? 35 : 11;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint written;
            fixed (byte* start = bytes)
            {
                written = WriteCall(descriptor, start, (nuint)bytes.Length);
            }

            if (written >= 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == WouldBlock)
            {
                // Somebody who shares the terminal made it non-blocking.
                var wanted = new PollDescriptor { Descriptor = descriptor, Requested = PollOut };
                _ = PollCall(&wanted, 1, -1);
            }
            else if (error is BrokenPipe or InputOutputError)
            {
                throw new OutputClosedException();
            }
            else if (error != Interrupted)
            {
                throw new OutputFailedException(Marshal.GetPInvokeErrorMessage(error));
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteCall(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsATerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollCall(PollDescriptor* descriptors, nuint count, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Requested;
        public short Ready;
    }
}
