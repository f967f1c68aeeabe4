namespace Wasmrun.Sandbox.Wasi;

/// <summary>A function of the host as a guest calls it: decodes its arguments, and answers an errno.</summary>
/// <exception cref="GuestFaultException">An address lies outside the guest's memory; the guest is answered EFAULT.</exception>
/// <exception cref="Exception">Any other ends the guest, and comes out of the call that went into it as what lies beneath a <see cref="Wasmtime.WasmtimeException"/>.</exception>
internal delegate WasiErrno HostFunction(WasiHost host, GuestArguments arguments);
