using System.Globalization;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Projects;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// What an image of a guest's memory depends on, as lines: <c>name NAME</c> is a module that it holds and the project must not have as its
/// own, <c>file TIME SIZE PATH</c> a file or folder that must be as it was, <c>none PATH</c> one that must not be there.
/// </summary>
/// <param name="Text">From the guest, and of no use but to compare it with the guest's own files.</param>
internal sealed record ImageNotes(string Text)
{
    private static readonly string[] _sources = [ProjectMount.GuestPath, $"{ProjectMount.GuestPath}/src"];

    /// <summary>Whether the guest's files are as the notes say.</summary>
    public bool AreTrue(GuestFiles files)
    {
        var own = OwnModules(files);
        foreach (var line in Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(' ', 4);
            var isTrue = parts switch
            {
                ["name", var name] => !own.Contains(name),
                ["file", var time, var size, var path] => IsUnchanged(files, time, size, path),
                ["none", ..] => files.Status(line["none ".Length..], follow: true, out _) != Errno.None,
                _ => false,
            };
            if (!isTrue)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsUnchanged(GuestFiles files, string time, string size, string path) =>
        files.Status(path, follow: true, out var status) == Errno.None
        && status.ModifyTime.ToString(CultureInfo.InvariantCulture) == time
        && (status.Kind == GuestFileKind.Folder || status.Size.ToString(CultureInfo.InvariantCulture) == size);

    /// <summary>The names of the project's own modules and packages at its top, which go before all others.</summary>
    private static HashSet<string> OwnModules(GuestFiles files)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in _sources)
        {
            if (files.List(folder, out var entries) == Errno.None)
            {
                names.UnionWith(entries.Select(entry => entry.Name.Split('.', 2)[0]));
            }
        }

        return names;
    }
}
