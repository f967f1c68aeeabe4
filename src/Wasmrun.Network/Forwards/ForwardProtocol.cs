namespace Wasmrun.Network.Forwards;

public enum ForwardProtocol
{
    Tcp = 0,
    Udp = 1,
}
