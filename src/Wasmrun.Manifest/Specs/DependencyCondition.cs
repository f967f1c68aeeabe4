namespace Wasmrun.Manifest.Specs;

/// <summary>What a dependency must have reached before the dependent starts.</summary>
public enum DependencyCondition
{
    Started,
    Healthy,
    CompletedSuccessfully,
}
