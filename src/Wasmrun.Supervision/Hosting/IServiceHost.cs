namespace Wasmrun.Supervision.Hosting;

/// <summary>
/// One service on the stack's networks: its names, its forwards and the clients that wait at them. It outlives the
/// service's instances; disposing it closes the forwards. What other services find under the name afterwards refuses.
/// </summary>
public interface IServiceHost : IDisposable
{
    IReadOnlyList<HeldForward> Forwards { get; }

    /// <summary>Clients that wait at the forwards because nothing accepts them at the moment.</summary>
    int WaitingClients { get; }

    /// <summary>Takes over the given forwards and closes those that are no longer among them.</summary>
    void SetForwards(IReadOnlyList<HeldForward> forwards);

    /// <summary>Gives a forward away without closing it: clients wait at it until its new owner accepts them.</summary>
    void Detach(HeldForward forward);

    /// <summary>Refuses other services, those that wait included, until an instance listens; who waits at a forward waits on.</summary>
    void RefusePeers();

    /// <summary>What clients wait from now on is not counted against them: an instance ends that another is to follow, however long it takes.</summary>
    void PauseHold();

    /// <summary>Counts again how long clients wait.</summary>
    void ResumeHold();

    /// <summary>Makes an instance, which is not started yet.</summary>
    /// <exception cref="IOException">The system does not let it.</exception>
    IInstance Create(PreparedModule module, InstanceRequest request);
}
