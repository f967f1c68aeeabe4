namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>One package that a program begins with.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="IsImport">Whether it is an import of an ES module.</param>
internal sealed record LeadingRequest(string Name, bool IsImport);
