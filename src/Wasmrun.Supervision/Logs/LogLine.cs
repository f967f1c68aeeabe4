using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Logs;

/// <summary>One line that a guest wrote, byte for byte.</summary>
/// <param name="Time">When its first byte was written.</param>
/// <param name="Service">The service's name in the manifest.</param>
/// <param name="Instance">The instance's name, <c>web-1</c>.</param>
/// <param name="Generation">Which start of the instance wrote it, counting from 1.</param>
/// <param name="Bytes">The line without its line feed; not necessarily UTF-8.</param>
/// <param name="Terminated">
/// Whether the guest ended the line: false for what it left unfinished when it ended, and for the parts of a line longer than a mebibyte.
/// </param>
public sealed record LogLine(
    DateTimeOffset Time,
    string Service,
    string Instance,
    int Generation,
    GuestStream Stream,
    ReadOnlyMemory<byte> Bytes,
    bool Terminated);

