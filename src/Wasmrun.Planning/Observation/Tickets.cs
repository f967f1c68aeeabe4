namespace Wasmrun.Planning.Observation;

/// <summary>
/// Numbered requests. A service that ended is started again only by a request newer than the last one it served, so that
/// "start it" can be part of a lasting wish without starting a finished service over and over.
/// </summary>
/// <param name="Start">It is to run, whatever became of it before.</param>
/// <param name="Restart">It is to be started anew.</param>
/// <param name="Need">Something that is to run depends on it: it is started again if it failed, and otherwise left as it is.</param>
public readonly record struct Tickets(long Start, long Restart, long Need = 0);
