namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// Unwinds a guest's thread out of <c>proc_exit</c>. It passes through the WebAssembly frames as the inner exception of the
/// engine's own, and only the owner of the instance's thread catches it.
/// </summary>
internal sealed class ProcessExitException(int code) : Exception($"the guest exits with code {code}")
{
    /// <summary>What the guest gave to <c>proc_exit</c>, or 128 and the number of the signal it raised.</summary>
    public int Code { get; } = code;
}
