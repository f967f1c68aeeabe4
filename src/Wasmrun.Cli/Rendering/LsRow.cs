namespace Wasmrun.Cli.Rendering;

/// <summary>A line of <c>ls --format json</c>, with the names of compose.</summary>
/// <param name="Status"><c>running(3)</c>, <c>running(2), exited(1)</c>.</param>
/// <param name="ConfigFiles">The manifest's files, with commas between them.</param>
internal sealed record LsRow(string Name, string Status, string ConfigFiles, int Pid, bool Detached);
