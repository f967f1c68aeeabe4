using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>The images of projects, each under everything that an instance is given beside its environment and its files.</summary>
/// <param name="dependencies">Everything that decides how an engine looks after its boot.</param>
internal sealed class ProjectImages(RuntimeOptions options, params string[] dependencies)
{
    private readonly ConcurrentDictionary<string, ProjectImage> _images = new(StringComparer.Ordinal);

    /// <summary>The image for instances like this one.</summary>
    public ProjectImage Of(DrivenGuest guest, NodeProgram program)
    {
        var key = LoadFacts.HashOf(string.Join('\n', [
            typeof(ProjectImages).Module.ModuleVersionId.ToString(),
            .. dependencies,
            program.MainPath,
            program.WorkingDirectory,
            program.Types?.Version ?? string.Empty,
            (guest.Options.Limits.MemoryBytes ?? 0).ToString(CultureInfo.InvariantCulture),
            .. guest.Options.Arguments.Select(LoadFacts.HashOf),
            .. guest.Options.Mounts.Select(Describe),
        ]));
        return _images.GetOrAdd(key, _ => new(
            Path.Combine(options.ImageFolder, $"{key}.project"), options.Time, reason => options.Explain($"{guest.Network.Service.Name}: {reason}")));
    }

    private static string Describe(GuestMount mount) => mount switch
    {
        GuestMount.Text text => $"{text.GuestPath}|{Convert.ToHexStringLower(SHA256.HashData(text.Content.Span))}",
        _ => mount.ToString(),
    };
}
