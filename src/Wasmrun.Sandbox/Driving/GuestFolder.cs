using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox;

/// <summary>An open folder of a driven guest, in which its driver looks at names one after the other.</summary>
public sealed class GuestFolder : IDisposable
{
    private const int MostNameBytes = 255;

    private readonly DirectoryDescriptor _directory;

    internal GuestFolder(DirectoryDescriptor directory) => _directory = directory;

    /// <summary>Looks at the folder itself.</summary>
    public Errno Status(out GuestFileStatus status)
    {
        var error = _directory.GetStatus(out var found);
        status = error == Errno.None ? GuestFiles.Public(found) : default;
        return error;
    }

    /// <summary>Looks at what a name in it names. A link is not followed, and a mount that lies below it is not looked into.</summary>
    public Errno Status(string name, out GuestFileStatus status)
    {
        Span<byte> bytes = stackalloc byte[MostNameBytes];
        status = default;
        if (!Encoding.UTF8.TryGetBytes(name, bytes, out var length))
        {
            return Errno.ENAMETOOLONG;
        }

        if (bytes[..length].Contains((byte)0))
        {
            return Errno.EINVAL;
        }

        var error = _directory.GetPathStatus(bytes[..length], follow: false, out var found);
        status = error == Errno.None ? GuestFiles.Public(found) : default;
        return error;
    }

    /// <inheritdoc />
    public void Dispose() => _directory.Dispose();
}
