namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// Ends a host call whose arguments point outside the guest's memory. Thrown by <see cref="GuestMemory"/> alone and caught
/// where the host functions are defined, which answer <see cref="WasiErrno.EFAULT"/>: a good call pays nothing for it.
/// </summary>
internal sealed class GuestFaultException() : Exception("an address of the guest lies outside its memory");
