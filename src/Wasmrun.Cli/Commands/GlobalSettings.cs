using Wasmrun.Cli.Rendering.Progress;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Cli.Commands;

/// <summary>The values of the flags that every command has, their environment variables included.</summary>
internal sealed record GlobalSettings(
    IReadOnlyList<string> Files,
    string? ProjectName,
    string? ProjectDirectory,
    IReadOnlyList<string> EnvFiles,
    IReadOnlyList<string> Profiles,
    AnsiMode Ansi,
    ProgressMode Progress,
    bool DryRun);
