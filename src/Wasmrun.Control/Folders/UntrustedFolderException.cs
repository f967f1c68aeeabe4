namespace Wasmrun.Control.Folders;

/// <summary>A folder that must belong to the user alone does not; the message names the folder, the reason and the way out.</summary>
public sealed class UntrustedFolderException(string message) : IOException(message);
