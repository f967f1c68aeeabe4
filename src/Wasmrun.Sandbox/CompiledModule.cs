using Wasmrun.Sandbox.Modules;

namespace Wasmrun.Sandbox;

/// <summary>
/// Compiled code of one module, ready to run any number of instances. The code itself is shared by every service, replica
/// and stack of the process that runs the same bytes, and kept for as long as somebody uses it.
/// </summary>
public sealed class CompiledModule
{
    internal CompiledModule(string path, ModuleCode code)
    {
        Path = path;
        Code = code;
    }

    /// <summary>Absolute path of the file that it was loaded from.</summary>
    public string Path { get; }

    /// <summary>Equal for equal bytes, whatever the file is called.</summary>
    public string ContentHash => Code.ContentHash;

    internal ModuleCode Code { get; }
}
