namespace Wasmrun.Supervision.Logs;

/// <summary>What a reader of a log keeps from going before it was read. What cannot go holds the guest back, unless it is told to stop.</summary>
public enum LogHold
{
    /// <summary>Nothing: a reader who is too slow misses what was rotated away.</summary>
    None = 0,

    /// <summary>What is on disk: the guest waits for the reader when its log is full.</summary>
    Stored = 1,

    /// <summary>What is in memory: the guest is hardly ahead of the reader, as with a pipe between them.</summary>
    InMemory = 2,
}
