namespace Wasmrun.Network.Addresses;

/// <summary>Address family of a guest's socket.</summary>
public enum SocketDomain
{
    Inet4 = 0,
    Inet6 = 1,

    /// <summary>One end of a pair, which has no address.</summary>
    Local = 2,
}
