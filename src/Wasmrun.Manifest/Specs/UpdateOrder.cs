namespace Wasmrun.Manifest.Specs;

/// <summary>How a running instance is replaced.</summary>
public enum UpdateOrder
{
    /// <summary>The new instance comes up beside the old one, which stops when the new one serves.</summary>
    StartFirst,

    /// <summary>The old instance ends before the new one starts; clients wait meanwhile.</summary>
    StopFirst,
}
