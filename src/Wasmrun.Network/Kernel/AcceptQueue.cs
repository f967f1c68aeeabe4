namespace Wasmrun.Network.Kernel;

/// <summary>How many clients wait at a TCP listener for someone to accept them, asked without accepting any.</summary>
/// <remarks>On a listener, Linux reports the length of the accept queue where a connection reports unacknowledged segments.</remarks>
internal static unsafe class AcceptQueue
{
    private const int UnacknowledgedOffset = 24;
    private const int Size = UnacknowledgedOffset + sizeof(uint);

    public static int Length(int listener)
    {
        var info = stackalloc byte[Size];
        uint length = Size;
        return Libc.GetSocketOption(listener, Libc.IpProtocolTcp, Libc.TcpInfo, info, &length) < 0 || length < Size
            ? 0
            : *(int*)(info + UnacknowledgedOffset);
    }
}
