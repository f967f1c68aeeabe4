using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// The folders that a walk along a path has come through. Those it has entered are held open until it leaves them or ends, so ".." goes back to
/// one of them, whatever was renamed meanwhile, and never above the one the walk began in.
/// </summary>
/// <param name="start">The folder the walk begins in, which stays its owner's.</param>
/// <param name="entered">Space for the folders entered.</param>
internal unsafe ref struct FolderStack(int start, Span<int> entered) : IDisposable
{
    /// <summary>How many folders deep a path may lead.</summary>
    public const int MaxDepth = 128;

    private readonly Span<int> _entered = entered;

    /// <summary>How many folders below its beginning the walk is.</summary>
    public int Depth { get; private set; }

    public readonly int Current => Depth == 0 ? start : _entered[Depth - 1];

    /// <summary>Opens a folder of the current one, and follows nothing.</summary>
    /// <param name="name">A NUL is behind it.</param>
    public readonly Errno Open(ReadOnlySpan<byte> name, out int folder)
    {
        fixed (byte* path = name)
        {
            folder = Libc.OpenAt(Current, path, HostOpenFlags.PathOnly | HostOpenFlags.CloseOnExec | Libc.NoFollow | Libc.OnlyFolder, 0);
            return folder < 0 ? Libc.LastError : Errno.None;
        }
    }

    /// <summary>Goes into an open folder, which is closed when the walk leaves it, or at once when it is too deep down.</summary>
    public Errno Enter(int folder)
    {
        if (Depth == _entered.Length)
        {
            _ = Libc.Close(folder);
            return Errno.ENAMETOOLONG;
        }

        _entered[Depth++] = folder;
        return Errno.None;
    }

    /// <summary>Goes back to the folder before.</summary>
    /// <returns>False where the walk began.</returns>
    public bool TryLeave()
    {
        if (Depth == 0)
        {
            return false;
        }

        _ = Libc.Close(_entered[--Depth]);
        return true;
    }

    public void Dispose()
    {
        while (TryLeave())
        {
            // Leaving a folder closes it.
        }
    }
}
