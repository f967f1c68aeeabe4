namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>What <c>sock_getaddrinfo</c> answers beside the errors of preview 1, in the numbers of the socket extension.</summary>
internal static class AddressInfoError
{
    public const WasiErrno Family = (WasiErrno)81;
    public const WasiErrno NoName = (WasiErrno)84;
    public const WasiErrno Service = (WasiErrno)85;
}
