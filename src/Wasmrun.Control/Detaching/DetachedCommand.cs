namespace Wasmrun.Control.Detaching;

/// <summary>What is to be started detached.</summary>
/// <param name="FileName">Absolute path of the executable.</param>
/// <param name="Arguments">Without the name of the program.</param>
/// <param name="LogPath">Receives standard output and standard error, appended; created with mode 0600.</param>
public sealed record DetachedCommand(
    string FileName, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string LogPath);
