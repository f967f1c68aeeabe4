namespace Wasmrun.Manifest.Specs;

/// <summary>The host command that makes what a service runs.</summary>
/// <param name="Command">For the shell.</param>
/// <param name="Directory">Absolute; where the command runs.</param>
public sealed record BuildSpec(string Command, string Directory);
