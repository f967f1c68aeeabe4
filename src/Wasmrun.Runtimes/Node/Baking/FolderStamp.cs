namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>What changes when something comes to a folder or leaves it.</summary>
internal readonly record struct FolderStamp(ulong Device, ulong Inode, ulong ModifyTime, ulong ChangeTime);
