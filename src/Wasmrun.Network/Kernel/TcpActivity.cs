using System.Runtime.InteropServices;

namespace Wasmrun.Network.Kernel;

/// <summary>When something last went over a TCP connection, as the kernel remembers it; see <c>tcp(7)</c>, <c>TCP_INFO</c>.</summary>
internal static unsafe class TcpActivity
{
    /// <summary>
    /// Whether the last thing that happened is that everything received was answered, at least so long ago. A connection over
    /// which nothing went yet is not idle: its client is about to ask.
    /// </summary>
    /// <returns>Null for a socket that is not TCP, of which nobody knows.</returns>
    public static bool? IsIdleAfterAnswer(int fd, TimeSpan quiet)
    {
        var info = default(Info);
        var length = (uint)sizeof(Info);
        var waiting = 0;
        if (Libc.GetSocketOption(fd, Libc.IpProtocolTcp, Libc.TcpInfo, &info, &length) != 0 || length != sizeof(Info))
        {
            return null;
        }

        return info.State == Established
            && info.Unacknowledged == 0
            && info.DataSegmentsReceived > 0
            && info.DataSegmentsSent > 0
            && info.LastSent >= quiet.TotalMilliseconds
            && info.LastSent <= info.LastReceived
            && Libc.Control(fd, Libc.QueryReadable, &waiting) == 0
            && waiting == 0;
    }

    private const byte Established = 1;

    /// <summary>The beginning of <c>struct tcp_info</c>, up to what is looked at; times in milliseconds before now.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Info
    {
        public byte State;
        public byte CongestionState;
        public byte Retransmits;
        public byte Probes;
        public byte Backoff;
        public byte Options;
        public byte WindowScale;
        public byte Flags;
        public uint RetransmitTimeout;
        public uint AckTimeout;
        public uint SendSegment;
        public uint ReceiveSegment;
        public uint Unacknowledged;
        public uint Sacked;
        public uint Lost;
        public uint Retransmitted;
        public uint ForwardAcknowledged;
        public uint LastSent;
        public uint LastAckSent;
        public uint LastReceived;
        public uint LastAckReceived;
        public uint PathMtu;
        public uint ReceiveThreshold;
        public uint RoundTrip;
        public uint RoundTripVariance;
        public uint SendThreshold;
        public uint CongestionWindow;
        public uint AdvertisedSegment;
        public uint Reordering;
        public uint ReceiveRoundTrip;
        public uint ReceiveSpace;
        public uint TotalRetransmitted;
        public ulong PacingRate;
        public ulong HighestPacingRate;
        public ulong BytesAcknowledged;
        public ulong BytesReceived;
        public uint SegmentsSent;
        public uint SegmentsReceived;
        public uint NotSent;
        public uint ShortestRoundTrip;
        public uint DataSegmentsReceived;
        public uint DataSegmentsSent;
    }
}
