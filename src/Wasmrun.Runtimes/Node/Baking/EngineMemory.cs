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
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int SealSealShrinkGrowWrite = 0xf;
    private const int PopulateWrite = 23;

    private readonly SafeFileHandle? _file;
    private readonly byte[] _pages;
    private readonly int[] _places;
    private (int Place, int Bytes)[]? _written;

    /// <summary>An image of the pages that were kept.</summary>
    /// <param name="length">Of the memory, in bytes.</param>
    /// <param name="places">Where the pages that are not all zeros begin, in ascending order.</param>
    /// <param name="pages">Those pages, one after the other.</param>
    public EngineMemory(int length, int[] places, byte[] pages)
    {
        Length = length;
        _places = places;
        _pages = pages;
        _file = OperatingSystem.IsLinux() ? MakeFile() : null;
    }

    public int Length { get; }

    public ReadOnlySpan<int> Places => _places;

    public ReadOnlySpan<byte> Pages => _pages;

    /// <summary>Keeps what is in a memory now.</summary>
    public static EngineMemory Take(ReadOnlySpan<byte> memory)
    {
        var places = new List<int>();
        for (var place = 0; place < memory.Length; place += PageBytes)
        {
            if (memory.Slice(place, PageBytes).ContainsAnyExcept((byte)0))
            {
                places.Add(place);
            }
        }

        var pages = new byte[places.Count * PageBytes];
        for (var index = 0; index < places.Count; index++)
        {
            memory.Slice(places[index], PageBytes).CopyTo(pages.AsSpan(index * PageBytes));
        }

        return new(memory.Length, [.. places], pages);
    }

    /// <summary>Whether pages of this number and at these places make a memory of this length.</summary>
    public static bool IsWhole(int length, ReadOnlySpan<int> places, int bytes)
    {
        var last = -PageBytes;
        foreach (var place in places)
        {
            if (place % PageBytes != 0 || place <= last || place > length - PageBytes)
            {
                return false;
            }

            last = place;
        }

        return length > 0 && length % PageBytes == 0 && bytes == places.Length * (long)PageBytes;
    }

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

        var runs = new List<(int Place, int Bytes)>();
        var next = 0;
        for (var place = 0; place < Length; place += PageBytes)
        {
            var page = memory.Slice(place, PageBytes);
            var isKept = next < _places.Length && _places[next] == place;
            var isSame = isKept ? page.SequenceEqual(_pages.AsSpan(next * PageBytes, PageBytes)) : !page.ContainsAnyExcept((byte)0);
            next += isKept ? 1 : 0;
            if (isSame)
            {
                continue;
            }

            if (runs is [.., var last] && last.Place + last.Bytes == place)
            {
                runs[^1] = (last.Place, last.Bytes + PageBytes);
            }
            else
            {
                runs.Add((place, PageBytes));
            }
        }

        _written = [.. runs];
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int file, int command, int argument);

    private bool TryCopy(Memory memory)
    {
        if (!MemoryImage.TryGrow(memory, Length))
        {
            return false;
        }

        var bytes = memory.GetSpan(0, Length);
        bytes.Clear();
        for (var index = 0; index < _places.Length; index++)
        {
            _pages.AsSpan(index * PageBytes, PageBytes).CopyTo(bytes[_places[index]..]);
        }

        return true;
    }

    /// <summary>Null when the system has no such files: then the pages are copied.</summary>
    private SafeFileHandle? MakeFile()
    {
        var number = CreateFile("wasmrun-image", CloseOnExec | AllowSealing);
        if (number < 0)
        {
            return null;
        }

        var file = new SafeFileHandle(number, ownsHandle: true);
        RandomAccess.SetLength(file, Length);
        for (var index = 0; index < _places.Length; index++)
        {
            RandomAccess.Write(file, _pages.AsSpan(index * PageBytes, PageBytes), _places[index]);
        }

        // Nothing may change any more under those who map it.
        return Control(number, AddSeals, SealSealShrinkGrowWrite) == 0 ? file : null;
    }
}
