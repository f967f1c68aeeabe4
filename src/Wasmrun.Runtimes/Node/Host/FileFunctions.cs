using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Files of the guest. Paths are absolute and without dots: the core modules resolve them.</summary>
internal sealed class FileFunctions(GuestFiles files, NetHandles handles, StopSignal stop)
{
    /// <summary>How many bytes of a file are read at a time: some milliseconds' worth.</summary>
    private const int PieceBytes = 1 << 20;

    private const int LeastRoomBytes = 4096;
    private const double NanosecondsPerMillisecond = 1e6;
    private const int StatusFields = 8;
    private const int MaxLinks = 40;

    public void Register(HostTable table)
    {
        table.AddLasting("fsKind", Kind);
        table.AddLasting("fsOpen", Open);
        table.AddLasting("fsClose", (in HostCall call) => Done(files.Close(call.Int(0)), "close"));
        table.AddLasting("fsRead", Read);
        table.AddLasting("fsWrite", Write);
        table.AddLasting("fsSync", (in HostCall call) => Done(files.Sync(call.Int(0)), "fsync"));
        table.AddLasting("fsTruncate", (in HostCall call) => Done(files.SetSize(call.Int(0), (long)call.Number(1)), "ftruncate"));
        table.AddLasting("fsStat", Status);
        table.AddLasting("fsStatDescriptor", StatusOfDescriptor);
        table.AddLasting("fsReadFile", (in HostCall call) => ReadAll(call.Engine, call.Text(0), call.Engine.NewBytes));
        table.AddLasting("fsReadText", (in HostCall call) => ReadAll(call.Engine, call.Text(0), call.Engine.NewText));
        table.AddLasting("fsList", List);
        table.AddLasting("fsMakeFolder", (in HostCall call) => OnPath(call, files.CreateFolder, "mkdir"));
        table.AddLasting("fsRemoveFolder", (in HostCall call) => OnPath(call, files.RemoveFolder, "rmdir"));
        table.AddLasting("fsUnlink", (in HostCall call) => OnPath(call, files.Unlink, "unlink"));
        table.AddLasting("fsRename", (in HostCall call) => Done(files.Rename(call.Text(0), call.Text(1)), "rename", call.Text(0)));
        table.AddLasting("fsLink", (in HostCall call) => Done(files.Link(call.Text(0), call.Text(1)), "link", call.Text(0)));
        table.AddLasting("fsSymlink", (in HostCall call) => Done(files.Symlink(call.Text(0), call.Text(1)), "symlink", call.Text(1)));
        table.AddLasting("fsReadLink", ReadLink);
        table.AddLasting("fsRealPath", (in HostCall call) => call.Engine.NewText(RealPath(call.Text(0))));
        table.AddLasting("fsSetTimes", (in HostCall call) => Done(
            files.SetTimes(call.Text(0), follow: true, (ulong)(call.Number(1) * NanosecondsPerMillisecond), (ulong)(call.Number(2) * NanosecondsPerMillisecond)),
            "utime",
            call.Text(0)));
    }

    private static JsValue Done(Errno error, string call, string? path = null)
    {
        HostErrorException.ThrowIf(error, call, path);
        return JsValue.Undefined;
    }

    private static JsValue OnPath(in HostCall call, Func<string, Errno> function, string name)
    {
        var path = call.Text(0);
        return Done(function(path), name, path);
    }

    /// <summary>0 nothing, 1 file, 2 folder: what the resolution of modules asks thousands of times, without an error each.</summary>
    private JsValue Kind(in HostCall call) => JsValue.From(files.Status(call.Text(0), follow: true, out var status) != Errno.None ? 0
        : status.Kind == GuestFileKind.Folder ? 2 : 1);

    private JsValue Open(in HostCall call)
    {
        var path = call.Text(0);
        HostErrorException.ThrowIf(handles.HasRoom ? Errno.None : Errno.EMFILE, "open", path);
        HostErrorException.ThrowIf(files.Open(path, (GuestFileModes)call.Int(1), out var descriptor), "open", path);
        return JsValue.From(descriptor);
    }

    private JsValue Read(in HostCall call)
    {
        HostErrorException.ThrowIf(files.Read(call.Int(0), call.Bytes(1), (long)call.Number(2), out var count), "read");
        return JsValue.From(count);
    }

    private JsValue Write(in HostCall call)
    {
        HostErrorException.ThrowIf(files.Write(call.Int(0), call.Bytes(1), (long)call.Number(2), out var count), "write");
        return JsValue.From(count);
    }

    private JsValue Status(in HostCall call)
    {
        var path = call.Text(0);
        var follow = call.Flag(1);
        HostErrorException.ThrowIf(files.Status(path, follow, out var status), follow ? "stat" : "lstat", path);
        return Fill(call, 2, status);
    }

    private JsValue StatusOfDescriptor(in HostCall call)
    {
        HostErrorException.ThrowIf(files.Status(call.Int(0), out var status), "fstat");
        return Fill(call, 1, status);
    }

    /// <summary>Puts the numbers into the caller's <c>Float64Array</c>, seen as bytes.</summary>
    private static JsValue Fill(in HostCall call, int argument, GuestFileStatus status)
    {
        var place = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(call.Bytes(argument));
        if (place.Length < StatusFields)
        {
            throw new HostErrorException("ERR_INTERNAL_ASSERTION", "no room for a status");
        }

        place[0] = (int)status.Kind;
        place[1] = status.Device;
        place[2] = status.Inode;
        place[3] = status.Links;
        place[4] = status.Size;
        place[5] = status.AccessTime / NanosecondsPerMillisecond;
        place[6] = status.ModifyTime / NanosecondsPerMillisecond;
        place[7] = status.ChangeTime / NanosecondsPerMillisecond;
        return JsValue.Undefined;
    }

    /// <summary>Makes a value of what is in a file. It is read into the guest's own memory, which has to have room for it.</summary>
    private JsValue ReadAll(QuickJs engine, string path, Func<uint, uint, JsValue> make)
    {
        HostErrorException.ThrowIf(files.Open(path, GuestFileModes.Read, out var descriptor), "open", path);
        var address = 0;
        try
        {
            HostErrorException.ThrowIf(files.Status(descriptor, out var status), "fstat", path);
            if (status.Kind == GuestFileKind.Folder)
            {
                throw new HostErrorException(Errno.EISDIR, "read", path);
            }

            var room = Room(status.Size + 1UL);
            address = engine.Allocate(room);
            for (var total = 0; ;)
            {
                stop.ThrowIfRequested();
                var piece = engine.Slice((uint)(address + total), (uint)Math.Min(PieceBytes, room - total));
                HostErrorException.ThrowIf(files.Read(descriptor, piece, position: -1, out var count), "read", path);
                total += count;
                if (count == 0)
                {
                    return make((uint)address, (uint)total);
                }

                if (total == room)
                {
                    // It has become longer, or is a stream.
                    room = Room(2UL * (uint)room);
                    var longer = engine.Allocate(room);
                    engine.Slice((uint)address, (uint)total).CopyTo(engine.Slice((uint)longer, (uint)total));
                    engine.Release(address);
                    address = longer;
                }
            }
        }
        finally
        {
            _ = files.Close(descriptor);
            if (address != 0)
            {
                engine.Release(address);
            }
        }
    }

    private static int Room(ulong bytes) => bytes <= int.MaxValue
        ? Math.Max((int)bytes, LeastRoomBytes)
        : throw new HostErrorException("ERR_FS_FILE_TOO_LARGE", "The file is greater than 2 GiB");

    /// <summary>Names with their kinds: <c>f</c>, <c>d</c>, <c>l</c> or <c>o</c> before each, NUL in between.</summary>
    private JsValue List(in HostCall call)
    {
        var path = call.Text(0);
        HostErrorException.ThrowIf(files.List(path, stop, out var entries), "scandir", path);
        var text = new StringBuilder();
        foreach (var entry in entries.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            text.Append(text.Length == 0 ? string.Empty : "\0").Append("ofdl"[(int)entry.Kind]).Append(entry.Name);
        }

        return call.Engine.NewText(text.ToString());
    }

    private JsValue ReadLink(in HostCall call)
    {
        var path = call.Text(0);
        HostErrorException.ThrowIf(files.ReadLink(path, out var target), "readlink", path);
        return call.Engine.NewText(target);
    }

    /// <summary>Follows every symbolic link in a path.</summary>
    private string RealPath(string path)
    {
        var links = 0;
        var done = string.Empty;
        var rest = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (rest.TryPop(out var name))
        {
            if (name is "..")
            {
                done = done[..Math.Max(0, done.LastIndexOf('/'))];
                continue;
            }

            var at = name is "." ? done : $"{done}/{name}";
            HostErrorException.ThrowIf(files.Status(at.Length == 0 ? "/" : at, follow: false, out var status), "realpath", path);
            if (status.Kind != GuestFileKind.Link)
            {
                done = at;
                continue;
            }

            HostErrorException.ThrowIf(++links > MaxLinks ? Errno.ELOOP : files.ReadLink(at, out _), "realpath", path);
            _ = files.ReadLink(at, out var target);
            done = target.StartsWith('/') ? string.Empty : done;
            foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                rest.Push(part);
            }
        }

        return done.Length == 0 ? "/" : done;
    }
}
