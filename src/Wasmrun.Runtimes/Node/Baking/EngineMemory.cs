using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Wasmrun.Sandbox;
using Wasmtime;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>
/// What the memory of an engine held at one moment. On Linux it lies in a sealed file of memory, which every instance that starts from it
/// maps: pages that an instance does not write to are there once, and none is copied before it is written to.
/// </summary>
internal sealed unsafe partial class EngineMemory
{
    private const int PageBytes = 4096;
    private const int ChunkBytes = 64 * PageBytes;
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int SealSealShrinkGrowWrite = 0xf;
    private const int PopulateWrite = 23;

    private readonly SafeFileHandle? _file;
    private readonly byte[] _copy = [];
    private MemoryRun[]? _written;

    private EngineMemory(int length, MemoryRun[] runs)
    {
        Length = length;
        Runs = runs;
        _file = OperatingSystem.IsLinux() ? MakeFile(length) : null;
        if (_file is null)
        {
            _copy = new byte[length];
        }
    }

    private delegate void ChunkAction(int place, Span<byte> chunk);

    public int Length { get; }

    /// <summary>Where the memory is not all zeros, in ascending order.</summary>
    public IReadOnlyList<MemoryRun> Runs { get; }

    /// <summary>Keeps what is in a memory now.</summary>
    public static EngineMemory Take(ReadOnlySpan<byte> memory)
    {
        var runs = new List<MemoryRun>();
        for (var place = 0; place < memory.Length; place += PageBytes)
        {
            if (memory.Slice(place, PageBytes).ContainsAnyExcept((byte)0))
            {
                Add(runs, place);
            }
        }

        var taken = new EngineMemory(memory.Length, [.. runs]);
        foreach (var run in runs)
        {
            taken.Fill(run.Place, memory.Slice(run.Place, run.Bytes));
        }

        taken.Close();
        return taken;
    }

    /// <summary>A memory whose runs lie in a file, one after the other.</summary>
    /// <param name="sum">What is in the runs is added to it.</param>
    /// <returns>Null when the file does not hold such a memory.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static EngineMemory? Read(SafeFileHandle source, long at, int length, IReadOnlyList<MemoryRun> runs, Checksum sum)
    {
        if (!IsWhole(length, runs, RandomAccess.GetLength(source) - at))
        {
            return null;
        }

        var memory = new EngineMemory(length, [.. runs]);
        var isWhole = true;
        memory.ForEachChunk((place, chunk) =>
        {
            isWhole &= RandomAccess.Read(source, chunk, at) == chunk.Length;
            at += chunk.Length;
            sum.Add(chunk);
            memory.Fill(place, chunk);
        });
        memory.Close();
        return isWhole ? memory : null;
    }

    /// <summary>Writes the runs to a file, one after the other.</summary>
    public void WriteTo(Stream file) => ForEachChunk((place, chunk) =>
    {
        Fetch(place, chunk);
        file.Write(chunk);
    });

    /// <summary>Adds what is in the runs to a checksum.</summary>
    public void AddTo(Checksum sum) => ForEachChunk((place, chunk) =>
    {
        Fetch(place, chunk);
        sum.Add(chunk);
    });

    /// <summary>Makes an instance's memory be as this one was.</summary>
    /// <returns>False when the instance may not have as much, or has more; then it is as it was.</returns>
    /// <exception cref="IOException">The system does not map it.</exception>
    public bool TryRestore(Memory memory)
    {
        if (memory.GetLength() > Length)
        {
            return false;
        }

        if (_file is not { } file)
        {
            return TryCopy(memory);
        }

        if (!MemoryImage.TryRestore(memory, file, Length))
        {
            return false;
        }

        foreach (var (place, bytes) in _written ?? [])
        {
            // Only saves time: a system that cannot do it copies the pages one by one when they are written to.
            _ = Advise((byte*)memory.GetPointer() + place, (nuint)bytes, PopulateWrite);
        }

        return true;
    }

    /// <summary>
    /// Remembers which pages an instance has written to while it started. The next one will write to the same ones, and copying them in one go
    /// spares it a page fault each, which are dear where the machine is a virtual one.
    /// </summary>
    /// <param name="memory">Of an instance that has begun from this image and has just started its program.</param>
    public void Learn(ReadOnlySpan<byte> memory)
    {
        if (_written is not null)
        {
            return;
        }

        var written = new List<MemoryRun>();
        var buffer = new byte[ChunkBytes];
        for (var start = 0; start < Length; start += ChunkBytes)
        {
            var chunk = buffer.AsSpan(0, Math.Min(ChunkBytes, Length - start));
            Fetch(start, chunk);
            for (var offset = 0; offset < chunk.Length; offset += PageBytes)
            {
                if (!memory.Slice(start + offset, PageBytes).SequenceEqual(chunk.Slice(offset, PageBytes)))
                {
                    Add(written, start + offset);
                }
            }
        }

        _written = [.. written];
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int file, int command, int argument);

    /// <summary>Whether these runs make a memory of this length, and a file has room for all of them.</summary>
    private static bool IsWhole(int length, IReadOnlyList<MemoryRun> runs, long bytes)
    {
        var end = 0;
        foreach (var (place, count) in runs)
        {
            if (place < end || place % PageBytes != 0 || count <= 0 || count % PageBytes != 0 || count > length - place)
            {
                return false;
            }

            end = place + count;
            bytes -= count;
        }

        return length > 0 && length % PageBytes == 0 && bytes == 0;
    }

    private static void Add(List<MemoryRun> runs, int place)
    {
        if (runs is [.., var last] && last.Place + last.Bytes == place)
        {
            runs[^1] = last with { Bytes = last.Bytes + PageBytes };
        }
        else
        {
            runs.Add(new(place, PageBytes));
        }
    }

    /// <summary>Null when the system has no such files: then the memory is copied.</summary>
    private static SafeFileHandle? MakeFile(int length)
    {
        var number = CreateFile("wasmrun-image", CloseOnExec | AllowSealing);
        if (number < 0)
        {
            return null;
        }

        var file = new SafeFileHandle(number, ownsHandle: true);
        RandomAccess.SetLength(file, length);
        return file;
    }

    private void ForEachChunk(ChunkAction action)
    {
        var buffer = new byte[ChunkBytes];
        foreach (var (place, bytes) in Runs)
        {
            for (var done = 0; done < bytes; done += ChunkBytes)
            {
                action(place + done, buffer.AsSpan(0, Math.Min(ChunkBytes, bytes - done)));
            }
        }
    }

    private void Fill(int place, ReadOnlySpan<byte> bytes)
    {
        if (_file is { } file)
        {
            RandomAccess.Write(file, bytes, place);
        }
        else
        {
            bytes.CopyTo(_copy.AsSpan(place));
        }
    }

    private void Fetch(int place, Span<byte> bytes)
    {
        if (_file is not { } file)
        {
            _copy.AsSpan(place, bytes.Length).CopyTo(bytes);
        }
        else if (RandomAccess.Read(file, bytes, place) != bytes.Length)
        {
            throw new IOException("an image of memory cannot be read");
        }
    }

    /// <summary>Nothing may change any more under those who map it.</summary>
    private void Close()
    {
        if (_file is { } file && Control((int)file.DangerousGetHandle(), AddSeals, SealSealShrinkGrowWrite) != 0)
        {
            throw new IOException("the system does not seal files of memory");
        }
    }

    private bool TryCopy(Memory memory)
    {
        if (!MemoryImage.TryGrow(memory, Length))
        {
            return false;
        }

        _copy.CopyTo(memory.GetSpan(0, Length));
        return true;
    }
}
