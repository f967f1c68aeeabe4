using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Wasmtime;

namespace Wasmrun.Sandbox;

/// <summary>
/// Which pages an instance has written to since its memory was given an image. The next instance will write to the same ones, and copying them in one go
/// spares it a page fault each, which are dear where the machine is a virtual one. On Linux only; elsewhere there are none.
/// </summary>
/// <remarks>https://docs.kernel.org/admin-guide/mm/pagemap.html, and <c>MADV_POPULATE_WRITE</c>.</remarks>
public sealed unsafe partial class WrittenPages
{
    private const string PageMap = "/proc/self/pagemap";
    private const int PageBytes = 4096;
    private const int EntryBytes = 8;
    private const ulong IsPresent = 1UL << 63;
    private const ulong IsOfFile = 1UL << 61;
    private const int PopulateWrite = 23;

    /// <summary>More would cost each instance memory that it may not need.</summary>
    private const int MostPages = 8192;

    private readonly List<(int Page, int Count)> _runs = [];

    private WrittenPages()
    {
    }

    /// <summary>Looks at the memory of a guest, on the guest's own thread.</summary>
    /// <param name="bytes">Of its image.</param>
    /// <returns>None when the system does not tell, or they are too many.</returns>
    public static WrittenPages Of(Memory memory, long bytes)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var written = new WrittenPages();
        if (!OperatingSystem.IsLinux() || Environment.SystemPageSize != PageBytes)
        {
            return written;
        }

        var entries = new byte[bytes / PageBytes * EntryBytes];
        try
        {
            using var map = File.OpenHandle(PageMap);
            if (RandomAccess.Read(map, entries, memory.GetPointer() / PageBytes * EntryBytes) != entries.Length)
            {
                return written;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return written;
        }

        for (var page = 0; page < entries.Length / EntryBytes; page++)
        {
            if ((BinaryPrimitives.ReadUInt64LittleEndian(entries.AsSpan(page * EntryBytes)) & (IsPresent | IsOfFile)) == IsPresent)
            {
                written.Add(page);
            }
        }

        return written;
    }

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    /// <param name="bytes">Of the image; what is not within it does not count.</param>
    public static WrittenPages Read(ReadOnlySpan<byte> text, long bytes)
    {
        var written = new WrittenPages();
        var next = 0L;
        for (; text.Length >= EntryBytes; text = text[EntryBytes..])
        {
            var (page, count) = (BinaryPrimitives.ReadInt32LittleEndian(text), BinaryPrimitives.ReadInt32LittleEndian(text[4..]));
            if (page < next || count <= 0 || (next = (long)page + count) > bytes / PageBytes)
            {
                return new();
            }

            written._runs.Add((page, count));
        }

        return written;
    }

    /// <summary>A form to keep on disk.</summary>
    public byte[] Write()
    {
        var text = new byte[_runs.Count * EntryBytes];
        for (var index = 0; index < _runs.Count; index++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(text.AsSpan(index * EntryBytes), _runs[index].Page);
            BinaryPrimitives.WriteInt32LittleEndian(text.AsSpan((index * EntryBytes) + 4), _runs[index].Count);
        }

        return text;
    }

    /// <summary>Copies the pages for a guest that has just been given the same image, before it runs.</summary>
    public void CopyAhead(Memory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (!OperatingSystem.IsLinux() || Environment.SystemPageSize != PageBytes || _runs.Sum(static run => (long)run.Count) > MostPages)
        {
            return;
        }

        foreach (var (page, count) in _runs)
        {
            // Only saves time: a system that cannot do it copies the pages one by one when they are written to.
            _ = Advise((byte*)memory.GetPointer() + ((nuint)page * PageBytes), (nuint)count * PageBytes, PopulateWrite);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* address, nuint length, int advice);

    private void Add(int page)
    {
        if (_runs is [.., var last] && last.Page + last.Count == page)
        {
            _runs[^1] = (last.Page, last.Count + 1);
        }
        else
        {
            _runs.Add((page, 1));
        }
    }
}
