using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Projects;

/// <summary>Where a guest finds its project.</summary>
internal static class ProjectMount
{
    public const string GuestPath = "/app";

    private const long TemporaryBytes = 256L << 20;

    /// <summary>The project, a folder for temporary files, and what else is asked for; what the service mounts itself wins.</summary>
    public static IReadOnlyList<GuestMount> With(ProgramSource.Project project, IReadOnlyList<GuestMount> service, params IEnumerable<GuestMount> others)
    {
        GuestMount[] own = [new GuestMount.Host(GuestPath, project.Folder, project.IsReadOnly), new GuestMount.Temporary("/tmp", TemporaryBytes), .. others];
        return [.. own.Where(mount => service.All(asked => asked.GuestPath != mount.GuestPath)), .. service];
    }
}
