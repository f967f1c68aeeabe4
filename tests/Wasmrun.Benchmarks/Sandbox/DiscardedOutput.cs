using Wasmrun.Sandbox;

namespace Wasmrun.Benchmarks.Sandbox;

/// <summary>Takes a guest's output and does nothing with it, so that a measurement is that of the call alone.</summary>
internal sealed class DiscardedOutput : IGuestOutput
{
    public void Write(GuestStream stream, ReadOnlySpan<byte> bytes)
    {
    }
}
