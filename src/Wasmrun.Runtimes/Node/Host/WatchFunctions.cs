using System.Globalization;
using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// How a file or the files of a folder are now, in one text that is the same as long as they are: what <c>fs.watch</c> compares every now and then.
/// The host keeps nothing of it, so that a guest that watches costs it nothing but its own time.
/// </summary>
internal sealed class WatchFunctions(GuestFiles files, StopSignal stop)
{
    /// <summary>Of one look: what is larger is refused, as by a system whose watches are used up.</summary>
    private const int MostEntries = 10_000;

    private const string Call = "watch";

    public void Register(HostTable table) => table.AddLasting("fsLook", Look);

    /// <summary>
    /// Path, whether folders in it count too, and whether it must be there. Null when it is not; else a letter for its kind, and then of each entry
    /// its name, what changes when another one takes its name, and what changes when it is written to, each ended by a zero.
    /// </summary>
    private JsValue Look(in HostCall call)
    {
        var path = call.Text(0);
        var error = files.Status(path, follow: true, out var status);
        if (error is Errno.ENOENT or Errno.ENOTDIR && !call.Flag(2))
        {
            return JsValue.Null;
        }

        HostErrorException.ThrowIf(error, Call, path);
        var text = new StringBuilder();
        if (status.Kind == GuestFileKind.Folder)
        {
            text.Append('d');
            AddFolders(text, path, isDeep: call.Flag(1));
        }
        else
        {
            text.Append('f');
            Add(text, string.Empty, status);
        }

        return call.Engine.NewText(text.ToString());
    }

    private static void Add(StringBuilder text, string name, in GuestFileStatus status)
    {
        text.Append(name).Append('\0').Append(CultureInfo.InvariantCulture, $"{(int)status.Kind}:{status.Device}:{status.Inode}").Append('\0');
        if (status.Kind != GuestFileKind.Folder)
        {
            text.Append(CultureInfo.InvariantCulture, $"{status.Size}:{status.ModifyTime}:{status.ChangeTime}");
        }

        text.Append('\0');
    }

    private void AddFolders(StringBuilder text, string path, bool isDeep)
    {
        var count = 0;
        var folders = new Queue<string>([string.Empty]);
        while (folders.TryDequeue(out var inner))
        {
            var place = inner.Length == 0 ? path : $"{path}/{inner}";
            var error = files.List(place, stop, out var entries);
            HostErrorException.ThrowIf(error == Errno.ENOMEM ? Errno.ENOSPC : Errno.None, Call, path);
            if (error != Errno.None || files.OpenFolder(place, out var folder) != Errno.None)
            {
                // It went meanwhile, or may not be read: nothing is known of what is in it.
                continue;
            }

            using (folder)
            {
                foreach (var entry in entries)
                {
                    if (++count > MostEntries)
                    {
                        throw new HostErrorException(Errno.ENOSPC, Call, path);
                    }

                    // A name that is only a mount is not in the folder itself.
                    var name = inner.Length == 0 ? entry.Name : $"{inner}/{entry.Name}";
                    if (folder!.Status(entry.Name, out var status) == Errno.None || files.Status($"{path}/{name}", follow: false, out status) == Errno.None)
                    {
                        Add(text, name, status);
                        if (isDeep && status.Kind == GuestFileKind.Folder)
                        {
                            folders.Enqueue(name);
                        }
                    }
                }
            }
        }
    }
}
