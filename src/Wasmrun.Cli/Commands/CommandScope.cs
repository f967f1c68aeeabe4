using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Api;
using Wasmrun.Control.Folders;
using Wasmrun.Manifest.Loading;

namespace Wasmrun.Cli.Commands;

/// <summary>What one invocation works with: its flags, its terminal, its folders, and the manifest it is about.</summary>
internal sealed class CommandScope(CliEnvironment environment, GlobalSettings settings)
{
    private string? _standardInput;

    internal CliEnvironment Environment { get; } = environment;

    internal GlobalSettings Settings { get; } = settings;

    internal Screen Screen { get; } = new(environment.Output, environment.Error, settings.Ansi, environment.Variables, environment.Time);

    internal RunnerFolders Folders { get; } = RunnerFolders.FromEnvironment(environment.Variables);

    internal ReplyReporter Replies => new(Screen);

    /// <summary>The manifest that the flags name, for whoever reads it.</summary>
    internal StackSource Source(string? project) => new(Environment.WorkingDirectory)
    {
        Project = project ?? Settings.ProjectName,
        Files = Settings.Files,
        ProjectDirectory = Settings.ProjectDirectory,
        EnvFiles = Settings.EnvFiles,
        Profiles = Settings.Profiles,
        Environment = Environment.Variables,
        StandardInput = Settings.Files.Contains("-", StringComparer.Ordinal) ? _standardInput ??= Environment.ReadStandardInput() : null,
    };

    /// <summary>Reads the manifest here, to show its lines and to know the project's name.</summary>
    internal ManifestResult LoadManifest() => ManifestLoader.Load(Source(project: null).ToRequest());

    internal ProjectFolder Folder(string project) => new(Folders, project);
}
