using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// A directory entry, be it there or not: the last name of a guest's path and the open folder that it stands in. It is what the
/// calls work on that make, remove or look at a name and follow nothing. The dots never come through here as a last name, because
/// ".." of a mount is outside.
/// </summary>
internal unsafe ref struct HostEntry : IDisposable
{
    private const byte Separator = (byte)'/';

    private bool _ownsFolder;

    public int Folder { get; private set; }

    /// <summary>Ends with NUL.</summary>
    public byte* Name { get; private set; }

    /// <summary>Finds the folder of a path's last name.</summary>
    /// <param name="existing">The call looks something up: with a separator at the end it means the folder, also behind a link.
    /// A call that makes or removes a name leaves the separator to the kernel, which follows nothing then.</param>
    /// <param name="buffer">Space of <see cref="PathBuffer.Size"/> that lives as long as the entry.</param>
    public static Errno Resolve(
        IPathResolver resolver, int folder, ReadOnlySpan<byte> path, bool existing, byte* buffer, out HostEntry entry)
    {
        entry = default;
        if (PathBuffer.Fill(buffer, path) is var refusal and not Errno.None)
        {
            return refusal;
        }

        var trimmed = path.TrimEnd(Separator);
        var split = trimmed.LastIndexOf(Separator) + 1;
        var isFolder = trimmed[split..] is [(byte)'.'] or [(byte)'.', (byte)'.'] || (existing && trimmed.Length < path.Length);
        if (isFolder || split > 0)
        {
            buffer[isFolder ? path.Length : split - 1] = 0;
            var outcome = resolver.Open(folder, buffer, HostOpenFlags.PathOnly | Libc.OnlyFolder, out var opened);
            if (outcome != Errno.None)
            {
                return outcome;
            }

            entry.Folder = opened;
            entry._ownsFolder = true;
        }
        else
        {
            entry.Folder = folder;
        }

        if (isFolder)
        {
            buffer[0] = (byte)'.';
            buffer[1] = 0;
        }

        entry.Name = isFolder ? buffer : buffer + split;
        return Errno.None;
    }

    public void Dispose()
    {
        if (_ownsFolder)
        {
            _ = Libc.Close(Folder);
            _ownsFolder = false;
        }
    }
}
