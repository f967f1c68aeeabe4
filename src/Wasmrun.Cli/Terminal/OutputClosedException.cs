namespace Wasmrun.Cli.Terminal;

/// <summary>The reader of a standard stream went away, as in <c>wasmrun logs | head</c>: a reason to end, not an error.</summary>
internal sealed class OutputClosedException() : IOException("the output was closed");
