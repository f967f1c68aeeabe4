namespace Wasmrun.Tests.Reconciliation.Sequences;

/// <summary>What is wished for one service: the model that the stack is compared with.</summary>
internal sealed record Wanted(bool Runs, int Replicas, int Variant, int? HostPort)
{
    /// <summary>How many instances there should be.</summary>
    public int Instances => Runs ? Replicas : 0;
}
