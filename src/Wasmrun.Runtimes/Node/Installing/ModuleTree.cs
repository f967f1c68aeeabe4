using System.Security.Cryptography;
using System.Text;
using Wasmrun.Runtimes.Packages.Keeping;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>
/// The <c>node_modules</c> folders that a plan comes to, made of hard links to the packages in the store. Equal plans share one tree, which
/// appears whole or not at all, and which guests can only read.
/// </summary>
/// <param name="parent">Where trees are kept.</param>
internal sealed class ModuleTree(string parent, InstallPlan plan)
{
    /// <summary>Names the store's packages of a tree, one a line, in the tree's folder.</summary>
    public const string ListName = "packages.txt";

    /// <summary>Names the tree for what it holds.</summary>
    public string Key { get; } = KeyOf(plan);

    public string Folder => Path.Combine(parent, Key);

    public bool IsThere => Directory.Exists(Folder);

    /// <summary>Lays the packages out.</summary>
    /// <param name="places">The folder of each package in the store, by its key.</param>
    public void Make(IReadOnlyDictionary<string, string> places, CancellationToken token)
    {
        PrivateFolder.Make(parent);
        var unfinished = $"{Folder}.{Guid.NewGuid():N}{PackageStore.Unfinished}";
        try
        {
            PrivateFolder.Make(unfinished);
            foreach (var entry in plan.Packages)
            {
                token.ThrowIfCancellationRequested();
                LayOut(places[PackageStore.KeyOf(entry.Package)], Path.Combine(unfinished, entry.Path));
            }

            File.WriteAllLines(Path.Combine(unfinished, ListName), places.Keys.Order(StringComparer.Ordinal));
            Directory.Move(unfinished, Folder);
        }
        catch (IOException) when (IsThere)
        {
            // Another process was faster, with the same packages.
        }
        finally
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }
    }

    private static void LayOut(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var entry in new DirectoryInfo(source).EnumerateFileSystemInfos())
        {
            var place = Path.Combine(target, entry.Name);
            if (entry is DirectoryInfo)
            {
                LayOut(entry.FullName, place);
            }
            else
            {
                // A package that is nested by the lock file may also lie in the archive of the one above it; the lock file counts.
                File.Delete(place);
                HardLink.Make(entry.FullName, place);
            }
        }
    }

    private static string KeyOf(InstallPlan plan)
    {
        var lines = plan.Packages.Select(entry => $"{entry.Path} {PackageStore.KeyOf(entry.Package)}").Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))))[..32];
    }
}
