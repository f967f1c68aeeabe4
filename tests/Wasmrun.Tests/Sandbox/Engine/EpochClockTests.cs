using Microsoft.Extensions.Time.Testing;
using Wasmrun.Sandbox.Engine;

namespace Wasmrun.Tests.Sandbox.Engine;

/// <summary>The clock ticks while somebody uses it, and only then.</summary>
public sealed class EpochClockTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Wasmtime.Engine _engine = EngineSettings.CreateEngine();

    [Fact]
    public void Ticks_UntilTheLastUserIsGone()
    {
        using var clock = new EpochClock(_engine, _time);
        using var probe = new EpochProbe(_engine);
        Assert.True(probe.MovesBy(0, () => _time.Advance(EpochClock.Interval * 5)));

        clock.Acquire();
        clock.Acquire();
        Assert.True(probe.MovesBy(5, () => _time.Advance(EpochClock.Interval * 5)));
        clock.Release();
        Assert.True(probe.MovesBy(3, () => _time.Advance(EpochClock.Interval * 3)));
        clock.Release();
        Assert.True(probe.MovesBy(0, () => _time.Advance(EpochClock.Interval * 5)));
    }

    [Fact]
    public void Ticks_AtOnceWhenTold()
    {
        using var clock = new EpochClock(_engine, _time);
        using var probe = new EpochProbe(_engine);

        Assert.True(probe.MovesBy(1, clock.Tick));
    }

    [Fact]
    public void Stays_QuietAfterDisposal()
    {
        var clock = new EpochClock(_engine, _time);
        using var probe = new EpochProbe(_engine);
        clock.Acquire();
        clock.Dispose();

        clock.Tick();
        clock.Release();

        Assert.True(probe.MovesBy(0, () => _time.Advance(EpochClock.Interval * 5)));
    }

    public void Dispose() => _engine.Dispose();
}
