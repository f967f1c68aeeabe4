using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>One entry of a folder as a guest sees it.</summary>
internal sealed record ListedEntry(ulong Next, ulong Inode, FileType Type, string Name);
