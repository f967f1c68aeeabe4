using Wasmrun.Sandbox.Engine;

namespace Wasmrun.Tests.Sandbox.Engine;

/// <summary>A share of a core is held over any longer time, and idle time cannot be saved up.</summary>
public sealed class CpuShareTests
{
    private const long Millisecond = 1_000_000;

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Holds_AGuestThatNeverRestsToItsShare(double share)
    {
        var (cpu, clock) = (0L, 0L);
        var held = new CpuShare(share, cpu, clock);
        for (var tick = 0; tick < 1000; tick++)
        {
            cpu += 10 * Millisecond;
            clock += 10 * Millisecond;
            clock += held.Owed(cpu, clock);
        }

        Assert.InRange((double)cpu / clock, share * 0.99, share * 1.03);
    }

    [Fact]
    public void Lets_AGuestBelowItsShareGoOn()
    {
        var held = new CpuShare(0.5, 0, 0);
        for (var tick = 1; tick < 1000; tick++)
        {
            Assert.Equal(0, held.Owed(tick * 4 * Millisecond, tick * 10 * Millisecond));
        }
    }

    [Fact]
    public void Gives_NoMoreThanATenthOfASecondAfterALongRest()
    {
        var held = new CpuShare(0.5, 0, 0);
        Assert.Equal(0, held.Owed(0, 3_600_000 * Millisecond));

        // An hour of rest, then 100 ms of work: 50 ms were saved up, 50 ms are earned meanwhile.
        Assert.Equal(0, held.Owed(100 * Millisecond, 3_600_100 * Millisecond));
        Assert.Equal(10 * Millisecond, held.Owed(110 * Millisecond, 3_600_110 * Millisecond));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Refuses_AShareOfNothing(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuShare(share, 0, 0));
}
