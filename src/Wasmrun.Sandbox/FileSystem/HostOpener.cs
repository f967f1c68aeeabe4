using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>Opens folders and files of the host as mounts. This is the only place where a path of the host as a whole is opened.</summary>
internal sealed unsafe class HostOpener(IPathResolver resolver, StopSignal stop)
{
    public StopSignal Stop => stop;

    /// <summary>Opens what a service declares.</summary>
    /// <exception cref="IOException">It is not there, may not be opened, or is neither folder nor file.</exception>
    public DirectoryDescriptor Open(GuestMount.Host declared)
    {
        var mount = new HostMount(declared.ReadOnly, resolver, stop);
        var opened = OpenPath(declared, declared.HostPath, HostOpenFlags.ReadOnly);
        if (HostTransfer.GetStatus(opened, out var status) is var error and not Errno.None)
        {
            _ = Libc.Close(opened);
            throw Failure(declared, error);
        }

        switch (status.Type)
        {
            case FileType.Directory:
                return AsFolder(mount, opened);
            case FileType.RegularFile:
                _ = Libc.Close(opened);
                return OpenFile(mount, declared);
            default:
                _ = Libc.Close(opened);
                throw new IOException($"cannot mount {declared.HostPath} at {declared.GuestPath}: it is neither a folder nor a regular file");
        }
    }

    /// <summary>What has the path now.</summary>
    public static bool TryGetStatus(string path, out FileStatus status)
    {
        status = default;
        if (OpenPath(path, HostOpenFlags.ReadOnly, out var opened) != Errno.None)
        {
            return false;
        }

        var error = HostTransfer.GetStatus(opened, out status);
        _ = Libc.Close(opened);
        return error == Errno.None;
    }

    private static HostDirectory AsFolder(HostMount mount, int fd) => new(mount, fd, isRoot: true, Rights.All, Rights.All, FdFlags.None);

    /// <summary>
    /// Mounts one name of a folder. Opening it again each time shows the guest the file that has the name now, because
    /// editors and deployments replace files instead of writing into them.
    /// </summary>
    private static FileMountDirectory OpenFile(HostMount mount, GuestMount.Host declared)
    {
        var file = new FileInfo(declared.HostPath);
        var target = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        var folder = Path.GetDirectoryName(target.FullName)!;
        return new(AsFolder(mount, OpenPath(declared, folder, Libc.OnlyFolder)), target.Name, mount.ReadOnly);
    }

    private static int OpenPath(GuestMount.Host declared, string path, HostOpenFlags flags)
    {
        var error = OpenPath(path, flags, out var fd);
        return error == Errno.None ? fd : throw Failure(declared, error);
    }

    private static Errno OpenPath(string path, HostOpenFlags flags, out int fd)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(path + "\0"))
        {
            fd = Libc.Open(text, HostOpenFlags.PathOnly | HostOpenFlags.CloseOnExec | flags, 0);
            return fd < 0 ? Libc.LastError : Errno.None;
        }
    }

    private static IOException Failure(GuestMount.Host declared, Errno error) =>
        new($"cannot mount {declared.HostPath} at {declared.GuestPath}: {Reason(error)}");

    private static string Reason(Errno error) => error switch
    {
        Errno.ENOENT => "there is no such folder or file",
        Errno.EACCES or Errno.EPERM => "permission denied",
        Errno.ENOTDIR => "a part of the path is not a folder",
        Errno.EMFILE or Errno.ENFILE => "too many files are open",
        _ => error.ToString(),
    };
}
