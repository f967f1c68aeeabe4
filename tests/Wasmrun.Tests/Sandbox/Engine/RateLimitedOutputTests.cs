using Microsoft.Extensions.Time.Testing;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Engine;

namespace Wasmrun.Tests.Sandbox.Engine;

/// <summary>Output beyond the rate waits, in order and complete; below it nothing waits.</summary>
public sealed class RateLimitedOutputTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecordedOutput _inner = new();
    private readonly List<TimeSpan> _waits = [];

    [Fact]
    public void Passes_ABurstOfASecondWithoutWaiting()
    {
        Limited(1000).Write(GuestStream.Output, new byte[1000]);

        Assert.Empty(_waits);
        Assert.Equal(1000, _inner.Text.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(1_000_000)]
    public void Holds_AFloodToTheRate(int rate)
    {
        var output = Limited(rate);
        var start = _time.GetTimestamp();
        for (var part = 0; part < 50; part++)
        {
            output.Write(GuestStream.Output, new byte[(rate / 5) + 1]);
        }

        // The first second's worth was free.
        var expected = (50.0 * ((rate / 5) + 1) / rate) - 1;
        Assert.InRange(_time.GetElapsedTime(start).TotalSeconds, expected * 0.99, (expected * 1.05) + 0.2);
    }

    [Fact]
    public void Loses_NothingAndKeepsTheOrder()
    {
        var output = Limited(10);
        output.Write(GuestStream.Output, "The quick brown fox "u8);
        output.Write(GuestStream.Error, "jumps over the lazy dog"u8);

        Assert.Equal("The quick brown fox jumps over the lazy dog", _inner.Text);
        Assert.NotEmpty(_waits);
    }

    [Fact]
    public void Lets_AStopOutOfTheWait()
    {
        var output = new RateLimitedOutput(_inner, 10, _time, _ => throw new GuestStoppedException());

        Assert.Throws<GuestStoppedException>(() => output.Write(GuestStream.Output, new byte[1000]));
    }

    private RateLimitedOutput Limited(int rate) => new(_inner, rate, _time, wait =>
    {
        _waits.Add(wait);
        _time.Advance(wait);
    });
}
