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
}
