namespace Wasmrun.Control.Api;

/// <summary>Which runner answers: the body of <c>GET /v1/project</c> and a row of <c>wasmrun ls</c>.</summary>
/// <param name="Directory">The folder that the stack's relative paths start from; null until the first manifest was applied.</param>
/// <param name="Files">The manifest's files.</param>
/// <param name="Detached">Whether the runner was started by <c>up -d</c> and has no terminal.</param>
public sealed record ProjectInfo(
    string Name, string? Directory, IReadOnlyList<string> Files, int Pid, string Version, DateTimeOffset StartedAt, bool Detached);
