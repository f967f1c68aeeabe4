namespace Wasmrun.Runtimes;

/// <summary>A package of a runtime, and whether it is here.</summary>
/// <param name="Bytes">What its files take; null when it is not here.</param>
/// <param name="LastUse">When a project was last run with it; null when none was.</param>
public sealed record RuntimeStatus(string Runtime, string Package, string Version, long? Bytes, DateTimeOffset? LastUse);

/// <summary>What was removed from the cache.</summary>
/// <param name="Bytes">What the removed files took.</param>
/// <param name="InUse">What was not removed because a running process uses it.</param>
public sealed record PruneReport(IReadOnlyList<string> Removed, long Bytes, IReadOnlyList<string> InUse);
