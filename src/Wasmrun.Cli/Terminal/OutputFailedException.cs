namespace Wasmrun.Cli.Terminal;

/// <summary>A standard stream of this process takes no more, as on a full disk: what is to be shown is lost from there on, and the user has to be told.</summary>
internal sealed class OutputFailedException(string reason) : IOException($"cannot write to the output: {reason}");
