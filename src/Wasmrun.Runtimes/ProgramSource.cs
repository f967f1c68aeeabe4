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

    /// <summary>A folder with source code in a language that has a runtime.</summary>
    /// <param name="Folder">Absolute path of the folder.</param>
    /// <param name="Language">The name of the language, or null to detect it.</param>
    /// <param name="Entrypoint">What starts the program, as written, or null to detect it.</param>
    public sealed record Project(string Folder, string? Language, string? Entrypoint) : ProgramSource
    {
        /// <summary>Whether the guest may only read the folder.</summary>
        public bool IsReadOnly { get; init; }
    }
}
