using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Logs;

/// <summary>
/// One write of a guest, or the mark that it ended. Records are what is stored; lines are made of them when somebody reads.
/// </summary>
/// <param name="Sequence">Counts the records of one log from 1, over every run of the project.</param>
/// <param name="Generation">Which start of the instance wrote it; 0 in an end mark means all of them.</param>
/// <param name="Bytes">What was written; empty in an end mark.</param>
/// <param name="IsEnd">The generation has written all that it ever will.</param>
internal sealed record LogRecord(
    long Sequence, DateTimeOffset Time, int Generation, GuestStream Stream, ReadOnlyMemory<byte> Bytes, bool IsEnd);
