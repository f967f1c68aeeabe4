using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Reading;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Loading;

/// <summary>What all steps of one load share: what was found, what was read, and how much may still be expanded.</summary>
internal sealed class LoadSession
{
    public LoadSession(string workingDirectory, TextReader? standardInput, IReadOnlyList<string> standardInputLines)
    {
        Sources = new SourceReader(workingDirectory, standardInput, standardInputLines, Diagnostics);
        EnvFiles = new EnvFileLoader(Sources, Diagnostics);
        Budget = new ExpansionBudget(Diagnostics);
        Values = new ValueReader(Diagnostics);
    }

    public DiagnosticBag Diagnostics { get; } = new();

    /// <summary>A file is missing from the tree, so that what seems to be missing in the tree may be in that file.</summary>
    public bool IsIncomplete { get; set; }

    public SourceReader Sources { get; }

    public EnvFileLoader EnvFiles { get; }

    public ExpansionBudget Budget { get; }

    public ValueReader Values { get; }
}
