using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Logs;

/// <summary>What a guest wrote to one of its streams, not cut into lines: one write, or several in a row.</summary>
/// <param name="Generation">Which start of the instance wrote it, counting from 1; 0 for its build command.</param>
/// <param name="Bytes">Exactly what was written; it need not end at a line or at a character.</param>
public sealed record LogPiece(int Generation, GuestStream Stream, ReadOnlyMemory<byte> Bytes);
