namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>What stands behind the folder that a test's guest works in.</summary>
public enum Backing
{
    /// <summary>A folder of the host, with paths resolved by the kernel.</summary>
    Kernel,

    /// <summary>A folder of the host, with paths walked name by name.</summary>
    Walk,

    /// <summary>A folder of the host with another mount somewhere below.</summary>
    Covered,

    /// <summary>A temporary file system in memory.</summary>
    Memory,
}
