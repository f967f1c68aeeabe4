namespace Wasmrun.Sandbox.FileSystem.Temporary;

/// <summary>A name in a folder of a temporary file system.</summary>
/// <param name="Cookie">Numbers the entries of a folder in the order in which they were made, and is never used again.</param>
internal sealed record TemporaryEntry(byte[] Name, TemporaryNode Node, ulong Cookie);
