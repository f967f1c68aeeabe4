namespace Wasmrun.Control.Folders;

/// <summary>What the runner wants to know about a file before it trusts it.</summary>
internal readonly record struct FileStatus(uint UserId, bool IsDirectory, bool IsLink, UnixFileMode Mode);
