using Wasmrun.Sandbox;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>Takes what a guest prints, for nobody.</summary>
internal sealed class Silence : IGuestOutput
{
    public void Write(GuestStream stream, ReadOnlySpan<byte> bytes)
    {
    }
}
