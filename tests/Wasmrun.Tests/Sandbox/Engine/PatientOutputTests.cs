using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Engine;

namespace Wasmrun.Tests.Sandbox.Engine;

/// <summary>A guest waits for room for its output, and can be stopped while it does.</summary>
public sealed class PatientOutputTests : IDisposable
{
    private readonly StopSignal _stop = new();
    private readonly NarrowOutput _inner = new();

    private PatientOutput Output => new(_inner, _stop);

    [Fact]
    public async Task Waits_UntilThereIsRoom()
    {
        _inner.Room = 0;
        var writing = Task.Run(() => Output.Write(GuestStream.Output, "after all"u8), TestContext.Current.CancellationToken);
        Assert.True(SpinWait.SpinUntil(() => _inner.Asked > 1, Timeout.Infinite));
        Assert.Equal(0, _inner.Written);

        _inner.Room = int.MaxValue;
        await writing;

        Assert.Equal(9, _inner.Written);
    }

    [Fact]
    public async Task Stops_WhileItWaits()
    {
        _inner.Room = 0;
        var writing = Task.Run(() => Output.Write(GuestStream.Output, "never"u8), TestContext.Current.CancellationToken);
        Assert.True(SpinWait.SpinUntil(() => _inner.Asked > 1, Timeout.Infinite));

        _stop.Request();

        await Assert.ThrowsAsync<GuestStoppedException>(() => writing);
        Assert.Equal(0, _inner.Written);
    }

    [Fact]
    public void Stops_InTheMiddleOfALongWrite()
    {
        _inner.AfterEach = written =>
        {
            if (written >= 100_000)
            {
                _stop.Request();
            }
        };

        Assert.Throws<GuestStoppedException>(() => Output.Write(GuestStream.Output, new byte[100_000_000]));

        Assert.InRange(_inner.Written, 100_000, 200_000);
    }

    public void Dispose() => _stop.Dispose();

    private sealed class NarrowOutput : IGuestOutput
    {
        private int _asked;
        private volatile int _room = int.MaxValue;

        public int Room
        {
            set => _room = value;
        }

        public int Asked => Volatile.Read(ref _asked);

        public int Written { get; private set; }

        public Action<int>? AfterEach { get; set; }

        public void Write(GuestStream stream, ReadOnlySpan<byte> bytes)
        {
            Written += bytes.Length;
            AfterEach?.Invoke(Written);
        }

        public bool HasRoom(int bytes)
        {
            Interlocked.Increment(ref _asked);
            return bytes <= _room;
        }
    }
}
