using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>What a descriptor answers after a poll.</summary>
/// <param name="Events">None when it is not ready for what was asked; otherwise what it is ready for, and whether the other side hung up.</param>
/// <param name="Bytes">How many bytes can be read or written at once, where that is known; otherwise 1.</param>
/// <param name="Error">What is wrong with the descriptor; it then counts as ready.</param>
internal readonly record struct Readiness(PollEvents Events, ulong Bytes, Errno Error = Errno.None);
