using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem.Temporary;

/// <summary>
/// A file system in the runner's memory, for one instance and gone with it. It is bounded in bytes, and in names, because
/// names take memory too; what goes beyond answers ENOSPC.
/// </summary>
internal sealed class TemporaryFileSystem(long maxBytes, StopSignal stop, TimeProvider time)
{
    /// <summary>What a name with its file costs the runner at most stays below this.</summary>
    private const long BytesPerName = 4096;

    private const long FewestNames = 64;

    private static ulong _devices = 1UL << 63;

    private readonly long _maxBytes = maxBytes;
    private long _bytesLeft = maxBytes;
    private long _namesLeft = Math.Max(FewestNames, maxBytes / BytesPerName);
    private ulong _inodes;

    /// <summary>A device number that no file system of the host has.</summary>
    public ulong Device { get; } = Interlocked.Increment(ref _devices);

    /// <summary>Whether nothing in it is changed any more, also not through what is open.</summary>
    public bool IsReadOnly { get; private set; }

    public StopSignal Stop => stop;

    public long UsedBytes => _maxBytes - _bytesLeft;

    public ulong Now => (ulong)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    public ulong NextInode() => ++_inodes;

    public TemporaryDirectory OpenRoot() => new(new TemporaryFolder(this, null), Rights.All, Rights.All, FdFlags.None);

    /// <summary>Opens the root with one file in it, for whose content there must be room and which stays as it is.</summary>
    public unsafe TemporaryDirectory OpenReadOnlyRoot(ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        var root = new TemporaryFolder(this, null);
        var file = new TemporaryFile(this);
        root.Add(name, file);
        fixed (byte* bytes = content)
        {
            _ = file.Write([new((nint)bytes, (nuint)content.Length)], 0, out _);
        }

        IsReadOnly = true;
        return new(root, Rights.All, Rights.All, FdFlags.None);
    }

    public bool TryTakeBytes(long bytes) => TryTake(ref _bytesLeft, bytes);

    public void GiveBytes(long bytes) => _bytesLeft += bytes;

    public bool TryTakeName() => TryTake(ref _namesLeft, 1);

    public void GiveName() => _namesLeft++;

    private static bool TryTake(ref long left, long wanted)
    {
        if (wanted > left)
        {
            return false;
        }

        left -= wanted;
        return true;
    }
}
