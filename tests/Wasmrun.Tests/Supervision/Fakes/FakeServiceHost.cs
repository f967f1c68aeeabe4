using Wasmrun.Manifest.Specs;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Tests.Supervision.Fakes;

/// <summary>A service's place on networks that do not exist.</summary>
internal sealed class FakeServiceHost(FakeStackHost stack, ServiceSpec spec, IServiceObserver observer) : IServiceHost
{
    private volatile IReadOnlyList<HeldForward> _forwards = [];

    public ServiceSpec Spec { get; } = spec;

    public IServiceObserver Observer { get; } = observer;

    public IReadOnlyList<HeldForward> Forwards => _forwards;

    public int WaitingClients { get; set; }

    /// <summary>How often it was told to refuse the other services.</summary>
    public int Refusals { get; private set; }

    public void RefusePeers() => Refusals++;

    /// <summary>Whether clients wait without being given up.</summary>
    public bool IsHoldPaused { get; private set; }

    public void PauseHold() => IsHoldPaused = true;

    public void ResumeHold() => IsHoldPaused = false;

    public void SetForwards(IReadOnlyList<HeldForward> forwards)
    {
        foreach (var gone in _forwards.Except(forwards))
        {
            gone.Dispose();
        }

        _forwards = [.. forwards];
    }

    public void Detach(HeldForward forward)
    {
        Assert.Contains(forward, _forwards);
        _forwards = [.. _forwards.Where(held => held != forward)];
    }

    public IInstance Create(PreparedModule module, InstanceRequest request) => stack.Create(request, module);

    public void Dispose()
    {
        SetForwards([]);
        stack.Remove(this);
    }
}
