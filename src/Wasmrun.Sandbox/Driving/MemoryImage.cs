using Microsoft.Win32.SafeHandles;
using Wasmrun.Sandbox.FileSystem;
using Wasmtime;

namespace Wasmrun.Sandbox;

/// <summary>
/// The memory of a guest in a file, with which another guest of the same module begins. On Linux the file is mapped in place of the
/// memory: nothing is read before it is used, and instances share what they do not write.
/// </summary>
public static unsafe class MemoryImage
{
    /// <summary>Memory comes in pieces of this size; an image is a whole number of them.</summary>
    public const int PageBytes = 65536;

    private const int BlockBytes = 4096;
    private const int ReadableAndWritable = 3;
    private const int PrivateAtThisPlace = 0x12;

    /// <summary>Writes the memory to the beginning of an empty file; what is zero takes no room there.</summary>
    /// <returns>The size of the image in bytes.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static long Write(Memory memory, SafeFileHandle file)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var length = memory.GetLength();
        var bytes = new ReadOnlySpan<byte>((void*)memory.GetPointer(), checked((int)length));
        for (var at = 0; at < bytes.Length;)
        {
            var end = at;
            while (end < bytes.Length && bytes.Slice(end, BlockBytes).ContainsAnyExcept((byte)0))
            {
                end += BlockBytes;
            }

            RandomAccess.Write(file, bytes[at..end], at);
            at = end + BlockBytes;
        }

        return length;
    }

    /// <summary>Gives the memory the content of an image. The file must not be written any more, ever.</summary>
    /// <returns>False when the guest may not have as much memory; then it is as it was.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static bool TryRestore(Memory memory, SafeFileHandle file, long bytes)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!TryGrow(memory, bytes))
        {
            return false;
        }

        if (OperatingSystem.IsLinux())
        {
            Map((void*)memory.GetPointer(), file, bytes);
        }
        else
        {
            Read(new((void*)memory.GetPointer(), checked((int)bytes)), file);
        }

        return true;
    }

    /// <summary>Makes the memory at least so large; it may move.</summary>
    /// <param name="bytes">A whole number of pieces.</param>
    /// <returns>False when the guest may not have as much.</returns>
    public static bool TryGrow(Memory memory, long bytes)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var missing = bytes - memory.GetLength();
        try
        {
            return missing <= 0 || memory.Grow(missing / PageBytes) >= 0;
        }
        catch (WasmtimeException)
        {
            return false;
        }
    }

    private static void Map(void* start, SafeFileHandle file, long bytes)
    {
        var isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            if (Libc.Map(start, (nuint)bytes, ReadableAndWritable, PrivateAtThisPlace, (int)file.DangerousGetHandle(), 0) != start)
            {
                var error = Libc.LastError;
                throw new IOException($"an image of memory cannot be mapped: {error}");
            }
        }
        finally
        {
            if (isHeld)
            {
                file.DangerousRelease();
            }
        }
    }

    private static void Read(Span<byte> memory, SafeFileHandle file)
    {
        for (var at = 0; at < memory.Length;)
        {
            var count = RandomAccess.Read(file, memory[at..], at);
            at += count > 0 ? count : throw new IOException("an image of memory ends too early");
        }
    }
}
