using Wasmrun.Runtimes.Projects;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>
/// Packages that are folders of the project, such as workspaces. npm makes links of them; here each is mounted where its link would be,
/// because a link cannot lead out of the mount that the other packages are in.
/// </summary>
internal static class ModuleLinks
{
    /// <summary>A mount for each link.</summary>
    /// <param name="tree">The folder with the installed packages.</param>
    /// <param name="path">Names the lock file in messages.</param>
    /// <exception cref="ModuleLoadException">A link leads out of the project, or nowhere.</exception>
    public static IEnumerable<GuestMount> Mounts(string project, string tree, InstallPlan plan, string path)
    {
        foreach (var link in plan.Links)
        {
            var target = Path.GetFullPath(Path.Combine(project, link.LinkTarget!));
            if (!ProjectPath.IsInside(project, link.LinkTarget!))
            {
                throw new ModuleLoadException(
                    $"the package '{link.InstalledName}' of {path} is the folder '{link.LinkTarget}', which is not in the project; make the folder above both of them the project, and name the entrypoint in it");
            }

            if (!Directory.Exists(target))
            {
                throw new ModuleLoadException($"the package '{link.InstalledName}' of {path} is the folder '{target}', which does not exist");
            }

            var place = $"{ProjectMount.GuestPath}/{link.Path}";
            yield return new GuestMount.Host(place, target, ReadOnly: false);
            var root = link.LinkTarget!.TrimEnd('/');
            if (plan.Packages.Any(entry => entry.Root == root))
            {
                yield return new GuestMount.Host($"{place}/node_modules", Path.Combine(tree, root, "node_modules"), ReadOnly: true);
            }
        }
    }
}
