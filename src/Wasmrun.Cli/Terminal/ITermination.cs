namespace Wasmrun.Cli.Terminal;

/// <summary>When the user or the system wants the program to end.</summary>
internal interface ITermination
{
    /// <summary>Done at the first request: end in good order.</summary>
    Task Requested { get; }

    /// <summary>Done at the second: end now.</summary>
    Task Insisted { get; }

    /// <summary>Stands in for a request: the output was closed, and nobody is left to run for.</summary>
    void Request();
}
