namespace Wasmrun.Runtimes;

/// <summary>What a program is made from: the closed set of things that a service or a command line can name.</summary>
public abstract record ProgramSource
{
    private ProgramSource()
    {
    }

    /// <summary>A WebAssembly module, binary or text.</summary>
    /// <param name="Path">Absolute path of the file.</param>
    public sealed record Module(string Path) : ProgramSource;
}
