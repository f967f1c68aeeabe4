namespace Wasmrun.Manifest.Specs;

/// <summary>How the delay between restarts grows.</summary>
public enum BackoffKind
{
    Constant,
    Linear,
    Exponential,
}
