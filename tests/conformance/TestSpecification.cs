namespace Wasmrun.Conformance;

/// <summary>How the suite says a test is run and what it must answer, with the suite's defaults.</summary>
internal sealed record TestSpecification
{
    public IReadOnlyList<string> Args { get; init; } = [];

    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A folder beside the module that the test finds at <c>/</c>.</summary>
    public string? Root { get; init; }

    public int ExitCode { get; init; }

    /// <summary>What it must print, to the byte; null when that does not matter.</summary>
    public string? Stdout { get; init; }

    public string? Stderr { get; init; }
}
