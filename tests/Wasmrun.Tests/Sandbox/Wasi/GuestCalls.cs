using System.Text;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>Calls of a guest as a C library makes them, for the tests that are about what comes out and not about the call.</summary>
internal static class GuestCalls
{
    private const int SymlinkFollow = 1;
    private const int StatusSize = 64;

    /// <summary>Opens with these rights, following links at the end, and expects it to succeed.</summary>
    public static int Open(this WasiGuest guest, int folder, string path, OpenFlags flags = OpenFlags.None, Rights rights = Rights.Read)
    {
        Assert.Equal(WasiErrno.None, guest.TryOpen(folder, path, out var fd, flags, rights));
        return fd;
    }

    public static int OpenFolder(this WasiGuest guest, int folder, string path) =>
        guest.Open(folder, path, OpenFlags.Directory, Rights.Directory);

    public static WasiErrno TryOpen(
        this WasiGuest guest,
        int folder,
        string path,
        out int fd,
        OpenFlags flags = OpenFlags.None,
        Rights rights = Rights.Read,
        bool follow = true,
        FdFlags fdFlags = FdFlags.None)
    {
        var (address, length) = guest.PutPath(path);
        var result = guest.Call(
            "path_open", folder, follow ? SymlinkFollow : 0, address, length, (int)flags, (long)rights, (long)Rights.All, (int)fdFlags, WasiGuest.Result);
        fd = guest.Memory.ReadInt32(WasiGuest.Result);
        return result;
    }

    public static (int Address, int Length) PutPath(this WasiGuest guest, string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        return (guest.Put(bytes), bytes.Length);
    }

    /// <summary>Calls a function of the form (folder, path, length).</summary>
    public static WasiErrno OnPath(this WasiGuest guest, string function, int folder, string path)
    {
        var (address, length) = guest.PutPath(path);
        return guest.Call(function, folder, address, length);
    }

    public static WasiErrno Rename(this WasiGuest guest, int folder, string path, int target, string targetPath)
    {
        var (old, oldLength) = guest.PutPath(path);
        var (address, length) = guest.PutPath(targetPath);
        return guest.Call("path_rename", folder, old, oldLength, target, address, length);
    }

    public static WasiErrno Link(this WasiGuest guest, int folder, string path, int target, string targetPath)
    {
        var (old, oldLength) = guest.PutPath(path);
        var (address, length) = guest.PutPath(targetPath);
        return guest.Call("path_link", folder, 0, old, oldLength, target, address, length);
    }

    public static WasiErrno Symlink(this WasiGuest guest, string target, int folder, string path)
    {
        var (text, textLength) = guest.PutPath(target);
        var (address, length) = guest.PutPath(path);
        return guest.Call("path_symlink", text, textLength, folder, address, length);
    }

    public static WasiErrno ReadLink(this WasiGuest guest, int folder, string path, int bufferLength, out string target)
    {
        var (address, length) = guest.PutPath(path);
        var buffer = guest.Reserve(Math.Max(1, bufferLength));
        var result = guest.Call("path_readlink", folder, address, length, buffer, bufferLength, WasiGuest.Result);
        target = result == WasiErrno.None ? guest.Text(buffer, guest.Memory.ReadInt32(WasiGuest.Result)) : "";
        return result;
    }

    public static WasiErrno PathStatus(this WasiGuest guest, int folder, string path, out FileStatus status, bool follow = true)
    {
        var (address, length) = guest.PutPath(path);
        var place = guest.Reserve(StatusSize);
        var result = guest.Call("path_filestat_get", folder, follow ? SymlinkFollow : 0, address, length, place);
        status = guest.Memory.Read<FileStatus>(place);
        return result;
    }

    public static FileStatus Status(this WasiGuest guest, int fd)
    {
        var place = guest.Reserve(StatusSize);
        Assert.Equal(WasiErrno.None, guest.Call("fd_filestat_get", fd, place));
        return guest.Memory.Read<FileStatus>(place);
    }

    public static WasiErrno SetPathTimes(this WasiGuest guest, int folder, string path, long access, long modify, SetTimesFlags flags, bool follow = true)
    {
        var (address, length) = guest.PutPath(path);
        return guest.Call("path_filestat_set_times", folder, follow ? SymlinkFollow : 0, address, length, access, modify, (int)flags);
    }

    public static WasiErrno Write(this WasiGuest guest, int fd, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return guest.Call("fd_write", fd, guest.PutVectors((guest.Put(bytes), bytes.Length)), 1, WasiGuest.Result);
    }

    /// <summary>Reads once, as much as there is up to the length.</summary>
    public static string Read(this WasiGuest guest, int fd, int length = 4096)
    {
        var buffer = guest.Reserve(length);
        Assert.Equal(WasiErrno.None, guest.Call("fd_read", fd, guest.PutVectors((buffer, length)), 1, WasiGuest.Result));
        return guest.Text(buffer, guest.Memory.ReadInt32(WasiGuest.Result));
    }

    public static WasiErrno Seek(this WasiGuest guest, int fd, long offset, Whence whence, out long position)
    {
        var result = guest.Call("fd_seek", fd, offset, (int)whence, WasiGuest.Result);
        position = guest.Memory.ReadInt64(WasiGuest.Result);
        return result;
    }

    public static WasiErrno Close(this WasiGuest guest, int fd) => guest.Call("fd_close", fd);

    /// <summary>Writes a whole file by its path.</summary>
    public static void WriteFile(this WasiGuest guest, int folder, string path, string text)
    {
        var fd = guest.Open(folder, path, OpenFlags.Create | OpenFlags.Truncate, Rights.Write);
        Assert.Equal(WasiErrno.None, guest.Write(fd, text));
        Assert.Equal(WasiErrno.None, guest.Close(fd));
    }

    public static string ReadFile(this WasiGuest guest, int folder, string path)
    {
        var fd = guest.Open(folder, path);
        var text = guest.Read(fd);
        Assert.Equal(WasiErrno.None, guest.Close(fd));
        return text;
    }

    /// <summary>Lists a folder as a C library does: buffer by buffer, going on behind the last whole entry.</summary>
    public static List<ListedEntry> List(this WasiGuest guest, int fd, int bufferLength = 256)
    {
        var entries = new List<ListedEntry>();
        var cookie = 0L;
        while (true)
        {
            var part = guest.ListPart(fd, cookie, bufferLength, out var used);
            entries.AddRange(part);
            if (used < bufferLength)
            {
                return entries;
            }

            Assert.NotEmpty(part);
            cookie = (long)part[^1].Next;
        }
    }

    /// <summary>The whole entries of one call.</summary>
    public static List<ListedEntry> ListPart(this WasiGuest guest, int fd, long cookie, int bufferLength, out int used)
    {
        const int HeaderSize = 24;
        var buffer = guest.Reserve(bufferLength);
        Assert.Equal(WasiErrno.None, guest.Call("fd_readdir", fd, buffer, bufferLength, cookie, WasiGuest.Result));
        used = guest.Memory.ReadInt32(WasiGuest.Result);
        var entries = new List<ListedEntry>();
        for (var at = 0; at + HeaderSize <= used;)
        {
            var length = guest.Memory.ReadInt32(buffer + at + 16);
            if (at + HeaderSize + length > used)
            {
                break;
            }

            entries.Add(new(
                (ulong)guest.Memory.ReadInt64(buffer + at),
                (ulong)guest.Memory.ReadInt64(buffer + at + 8),
                (FileType)guest.Memory.ReadByte(buffer + at + 20),
                guest.Text(buffer + at + HeaderSize, length)));
            at += HeaderSize + length;
        }

        return entries;
    }
}
