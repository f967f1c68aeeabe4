namespace Wasmrun.Runtimes.Packages;

/// <summary>A package cannot be fetched; the message says which, from where, and why.</summary>
public sealed class PackageFetchException(string message, Exception? inner = null) : Exception(message, inner);
