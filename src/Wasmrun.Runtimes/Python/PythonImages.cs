using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Wasmrun.Sandbox;
using Wasmtime;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// Keeps the memory of an interpreter that has imported what its project needs, but nothing of the project itself, for all further instances
/// of the same service: with the same interpreter, arguments, environment, and files in the same places.
/// </summary>
/// <param name="folder">Of all images.</param>
/// <param name="key">Of everything that an instance is given from outside.</param>
internal sealed class PythonImages(string folder, string key, TimeProvider time)
{
    private const string Ending = ".image";
    private const string PagesEnding = ".pages";
    private const long MaxBytes = 1L << 30;
    private const long MaxImageBytes = 128L << 20;
    private const int MaxNotesBytes = 4 << 20;

    /// <summary>After the memory and the notes: the stack pointer, the length of the notes, and a mark.</summary>
    private const int TailBytes = 12;
    private const uint Mark = 0x31_67_6d_69;

    private readonly string _path = Path.Combine(folder, key + Ending);
    private readonly string _pages = Path.Combine(folder, key + PagesEnding);
    private int _preparations;

    public string Key => key;

    /// <summary>Whether nobody knows yet which pages of the image an instance writes to while it starts.</summary>
    public bool LacksPages => !File.Exists(_pages);

    /// <summary>Whether an instance made now would begin with an image.</summary>
    public bool Hold(GuestFiles files)
    {
        using var file = Open();
        return file is not null && TryReadTail(file, out _, out var notes, out _) && notes.AreTrue(files);
    }

    /// <summary>False while somebody else prepares the image.</summary>
    public bool BeginPreparation() => Interlocked.CompareExchange(ref _preparations, 1, 0) == 0;

    public void EndPreparation() => Volatile.Write(ref _preparations, 0);

    /// <summary>Gives the memory its image, if there is one that still holds.</summary>
    /// <returns>Null when the memory is as it was.</returns>
    public RestoredImage? TryRestore(GuestFiles files, Memory memory)
    {
        using var file = Open();
        if (file is null || !TryReadTail(file, out var bytes, out var notes, out var pointer) || !notes.AreTrue(files) || !MemoryImage.TryRestore(memory, file, bytes))
        {
            return null;
        }

        File.SetLastWriteTimeUtc(file, time.GetUtcNow().UtcDateTime);
        if (ReadPages(bytes) is { } pages)
        {
            pages.CopyAhead(memory);
        }

        return new(pointer, notes);
    }

    /// <summary>Remembers the pages that an instance with the image has written to until it listens.</summary>
    public void Learn(Memory memory)
    {
        var partial = $"{_pages}.{Guid.NewGuid():N}";
        try
        {
            using var file = Open();
            if (file is not null && TryReadTail(file, out var bytes, out _, out _) && bytes <= memory.GetLength())
            {
                File.WriteAllBytes(partial, WrittenPages.Of(memory, bytes).Write());
                File.Move(partial, _pages, overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(partial);
        }
    }

    /// <summary>Keeps the memory of a guest that has come to where the project begins, if that can be done; it costs a later start time and no more.</summary>
    public void Keep(Memory memory, int pointer, PausedGuest paused)
    {
        if (!paused.IsKept || memory.GetLength() > MaxImageBytes)
        {
            return;
        }

        var partial = $"{_path}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(folder);
            using (var file = File.OpenHandle(partial, FileMode.CreateNew, FileAccess.Write))
            {
                var notes = Encoding.UTF8.GetBytes(paused.Notes.Text);
                var tail = new byte[notes.Length + TailBytes];
                notes.CopyTo(tail, 0);
                BinaryPrimitives.WriteInt32LittleEndian(tail.AsSpan(notes.Length), pointer);
                BinaryPrimitives.WriteInt32LittleEndian(tail.AsSpan(notes.Length + 4), notes.Length);
                BinaryPrimitives.WriteUInt32LittleEndian(tail.AsSpan(notes.Length + 8), Mark);
                RandomAccess.Write(file, tail, MemoryImage.Write(memory, file));
                RandomAccess.FlushToDisk(file);
            }

            File.Move(partial, _path, overwrite: true);
            File.Delete(_pages);
            Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(partial);
        }
    }

    private WrittenPages? ReadPages(long bytes)
    {
        try
        {
            return WrittenPages.Read(File.ReadAllBytes(_pages), bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private SafeFileHandle? Open()
    {
        try
        {
            return File.OpenHandle(_path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool TryReadTail(SafeFileHandle file, out long bytes, out ImageNotes notes, out int pointer)
    {
        bytes = pointer = 0;
        notes = new(string.Empty);
        var length = RandomAccess.GetLength(file);
        Span<byte> tail = stackalloc byte[TailBytes];
        if (length < TailBytes || RandomAccess.Read(file, tail, length - TailBytes) != TailBytes || BinaryPrimitives.ReadUInt32LittleEndian(tail[8..]) != Mark)
        {
            return false;
        }

        pointer = BinaryPrimitives.ReadInt32LittleEndian(tail);
        var notesLength = BinaryPrimitives.ReadInt32LittleEndian(tail[4..]);
        bytes = length - TailBytes - notesLength;
        if (notesLength is < 0 or > MaxNotesBytes || bytes <= 0 || bytes % MemoryImage.PageBytes != 0)
        {
            return false;
        }

        var text = new byte[notesLength];
        var isWhole = RandomAccess.Read(file, text, bytes) == notesLength;
        notes = new(Encoding.UTF8.GetString(text));
        return isWhole;
    }

    /// <summary>Makes room: those go first that were not used for longest.</summary>
    private void Trim()
    {
        var bytes = 0L;
        foreach (var image in new DirectoryInfo(folder).GetFiles().OrderByDescending(file => file.LastWriteTimeUtc))
        {
            bytes += image.Length;
            if (bytes > MaxBytes && image.FullName != _path)
            {
                image.Delete();
            }
        }
    }
}
