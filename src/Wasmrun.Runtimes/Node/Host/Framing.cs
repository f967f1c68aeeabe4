namespace Wasmrun.Runtimes.Node.Host;

/// <summary>How a piece of an HTTP message is framed; the numbers are those of the core module <c>internal/http_outgoing</c>.</summary>
internal enum Framing
{
    /// <summary>Not at all.</summary>
    AsIs = 0,

    /// <summary>As the body, whose length the last line of the head says.</summary>
    Counted = 1,

    /// <summary>As one chunk.</summary>
    Chunk = 2,

    /// <summary>As the last chunk that has something in it, with the empty one after it.</summary>
    LastChunk = 3,
}
