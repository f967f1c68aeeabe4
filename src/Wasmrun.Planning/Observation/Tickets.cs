namespace Wasmrun.Planning.Observation;

/// <summary>
/// Numbered requests. A service that ended is started again only by a request newer than the last one it served, so that
/// "start it" can be part of a lasting wish without starting a finished service over and over.
/// </summary>
public readonly record struct Tickets(long Start, long Restart);
