namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>Unwinds the guest's thread out of <c>process.exit</c>.</summary>
internal sealed class GuestExitException(int code) : Exception($"the guest exits with code {code}")
{
    public int Code { get; } = code;
}
