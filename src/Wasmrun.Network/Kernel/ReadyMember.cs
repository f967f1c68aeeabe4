namespace Wasmrun.Network.Kernel;

/// <summary>A member of a poll set for which something has been found.</summary>
/// <param name="Index">Its index in the set.</param>
public readonly record struct ReadyMember(int Index, PollEvents Events);
