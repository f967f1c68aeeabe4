namespace Wasmrun.Sandbox.Wasi;

/// <summary>What the clocks said when a <c>poll_oneoff</c> began: what its relative timeouts count from.</summary>
internal readonly record struct PollStart(ulong Realtime, ulong Monotonic);
