namespace Wasmrun.Network.Forwards;

/// <summary>
/// Takes all the host ports of a stack at once, before anything starts: either every one of them listens afterwards, or none
/// does and every conflict is told. The ports listen from here on, so that clients can already wait.
/// </summary>
public static class HostPortReservation
{
    public static ReservationResult TryReserve(IReadOnlyList<HostPortRequest> requests)
    {
        var attempt = new ReservationAttempt(requests);
        try
        {
            // Fixed ports first, or one that is chosen could take what a later request needs.
            foreach (var index in Enumerable.Range(0, requests.Count).OrderBy(index => requests[index].HostPort == 0))
            {
                attempt.Bind(index);
            }
        }
        catch
        {
            attempt.Release();
            throw;
        }

        return attempt.Complete();
    }
}
