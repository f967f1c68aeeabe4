namespace Wasmrun.Cli.Terminal;

/// <summary>Where bytes for the user go: one of the process's standard streams, or what a test looks at.</summary>
internal interface IOutput
{
    /// <summary>Whether somebody looks at it: only then are there colours and cursor movements.</summary>
    bool IsTerminal { get; }

    /// <summary>What is behind it, so that two outputs with the same target are seen to be one; null when the system does not tell.</summary>
    string? Target { get; }

    /// <summary>Writes all of it, however long the reader takes.</summary>
    /// <exception cref="OutputClosedException">Nobody reads any more.</exception>
    /// <exception cref="OutputFailedException">It cannot be written.</exception>
    void Write(ReadOnlySpan<byte> bytes);
}
