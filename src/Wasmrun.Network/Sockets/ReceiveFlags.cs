namespace Wasmrun.Network.Sockets;

/// <summary>How to receive; the values are those of WASI's <c>riflags</c>.</summary>
[Flags]
public enum ReceiveFlags
{
    None = 0,

    /// <summary>Leave the data where it is.</summary>
    Peek = 1,

    /// <summary>Come back only with full buffers, at the end of the stream, or with an error.</summary>
    WaitAll = 2,
}
