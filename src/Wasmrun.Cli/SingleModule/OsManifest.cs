using Wasmrun.Manifest.Flags;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Settings;

namespace Wasmrun.Cli.SingleModule;

/// <summary>The flags of <c>wasmrun os</c> as a manifest with one service.</summary>
internal static class OsManifest
{
    /// <summary>Reads the flags, and of the settings file what says what is run.</summary>
    /// <param name="module">The absolute path of the module or the project.</param>
    internal static ManifestResult Load(
        OsArguments arguments, OsSettings? settings, string module, string workingDirectory, IReadOnlyDictionary<string, string> environment)
    {
        var file = settings?.File is { } path ? Path.GetRelativePath(workingDirectory, path) : string.Empty;
        var manifest = new FlagManifest(OsStack.ProjectName(module), OsStack.ServiceName(module), module, WhatRuns(arguments), arguments.Path);
        manifest.Place("language", arguments.Language is null ? file : $"--language {arguments.Language}", arguments.Language ?? settings?.Language);
        manifest.Place("entrypoint", arguments.Entrypoint is null ? file : $"--entrypoint {arguments.Entrypoint}", arguments.Entrypoint ?? settings?.Entrypoint);
        manifest.Text("restart", "--restart", arguments.Restart);
        manifest.List("command", "--", arguments.Arguments);
        manifest.List("environment", "--env", arguments.Environment);
        manifest.List("forwards", "--forward", arguments.Forwards);
        manifest.Volumes("--volume", arguments.Volumes);
        manifest.List("egress", "--egress", arguments.Egress);
        return manifest.Load(workingDirectory, environment);
    }

    /// <summary>The path, and the flags that say what of it is started.</summary>
    private static string WhatRuns(OsArguments arguments) => arguments.Path
        + (arguments.Language is { } language ? $" --language {language}" : string.Empty)
        + (arguments.Entrypoint is { } entrypoint ? $" --entrypoint {entrypoint}" : string.Empty);
}
