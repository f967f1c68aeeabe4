namespace Wasmrun.Sandbox;

/// <summary>
/// A module that cannot be run. The message is for the user: it says which file, what is wrong with it, where, and what to do about it.
/// </summary>
public sealed class ModuleLoadException(string message, Exception? cause = null) : Exception(message, cause);
