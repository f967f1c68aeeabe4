namespace Wasmrun.Runtimes.Node.Host;

/// <summary>What the network tells a handle of the guest; the core modules know the numbers.</summary>
internal enum NetEvent
{
    Accepted = 1,
    Data = 2,
    End = 3,
    Failed = 4,
    Connected = 5,
    Drained = 6,
    Datagram = 7,

    /// <summary>One whole head of an HTTP request: its first line and the lines after it, each only when it is another than the last time.</summary>
    Head = 8,
}
