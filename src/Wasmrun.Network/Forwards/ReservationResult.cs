namespace Wasmrun.Network.Forwards;

/// <summary>Either every port that was asked for, or none and all the reasons why.</summary>
/// <param name="Forwards">In the order of the requests; empty when there is a conflict. The caller owns them.</param>
/// <param name="Conflicts">In the order of the requests; empty when all went well.</param>
public sealed record ReservationResult(IReadOnlyList<BoundForward> Forwards, IReadOnlyList<HostPortConflict> Conflicts);
