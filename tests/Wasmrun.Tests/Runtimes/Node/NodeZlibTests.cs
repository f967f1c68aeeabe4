using System.Security.Cryptography;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Runtimes.Node.Host;
using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>What packing and unpacking costs the host: no more memory than there is a bound for, and no time after the guest is to stop.</summary>
public sealed class NodeZlibTests : IDisposable
{
    private readonly NodeSandbox _node = new();
    private readonly StopSignal _stop = new();

    public static TheoryData<string> Formats => ["gzip", "deflate", "deflateRaw", "brotli"];

    public void Dispose()
    {
        _node.Dispose();
        _stop.Dispose();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Pieces_ComeOutAsTheyWentIn(string format)
    {
        var data = RandomNumberGenerator.GetBytes(300_000);
        using var compression = new Compression(format, 5, isSmall: false, _stop);
        using var inflation = new Inflation(format, _stop);

        inflation.Feed(compression.Pack(data.AsSpan(0, 5), flush: true, end: false));
        Assert.Equal(data[..5], ReadAll(inflation));
        inflation.Feed(compression.Pack(data.AsSpan(5), flush: false, end: false));
        inflation.Feed(compression.Pack([], flush: false, end: true));
        Assert.Equal(data[5..], ReadAll(inflation));
        Assert.True(inflation.IsWhole());
    }

    [Fact]
    public void BytesThatWereRead_HoldNoMemory()
    {
        using var stream = new FeedStream(_stop);
        var buffer = new byte[1000];

        stream.Feed(buffer);
        Assert.Equal(999, stream.Read(buffer, 0, 999));
        stream.Feed([1]);
        Assert.Equal(2, stream.HeldBytes);
        Assert.Equal(2, stream.Read(buffer, 0, 1000));
        Assert.Equal((0L, (byte)1), (stream.HeldBytes, buffer[1]));
        Assert.Equal((0, true), (stream.Read(buffer, 0, 1), stream.RanOut));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Work_IsLeftWhenTheGuestIsToStop(string format)
    {
        using var compression = new Compression(format, 5, isSmall: false, _stop);
        using var inflation = new Inflation(format, _stop);
        inflation.Feed(compression.Pack([1, 2, 3], flush: true, end: false));
        _stop.Request();

        Assert.Throws<GuestStoppedException>(() => compression.Pack([4], flush: false, end: false).Length);
        Assert.Throws<GuestStoppedException>(() => inflation.Read(new byte[1]));
    }

    [Fact]
    public void BrotliThatHasEnded_TakesNoMore()
    {
        using var compression = new Compression("brotli", 5, isSmall: true, _stop);
        _ = compression.Pack([1], flush: false, end: true);

        Assert.Throws<HostErrorException>(() => compression.Pack([2], flush: false, end: false).Length);
    }

    [Fact]
    public async Task Guest_IsStoppedWhileItPacks()
    {
        _node.Folder.Write("main.js", "const b = require('crypto').randomFillSync(Buffer.alloc(64 << 20)); console.log('up'); require('zlib').brotliCompressSync(b);");
        await using var instance = await _node.CreateAsync("main.js");
        instance.Start();
        await _node.Saw("up");
        instance.Stop();
        Assert.IsType<InstanceExit.Stopped>(await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(null, 141)]
    [InlineData(100 << 20, 27)]
    [InlineData(32 << 20, 1)]
    public async Task Streams_HaveOnlySoMuchMemoryTogether(int? memoryBytes, int most)
    {
        var (output, exit) = await _node.RunAsync(
            """
            const z = require('zlib');
            const fill = () => { const kept = []; try { for (;;) kept.push(z.createBrotliCompress()); } catch (e) { console.log(e.code, kept.length); } return kept; };
            fill().forEach((stream) => stream.close());
            setImmediate(() => {
              fill();
              setImmediate(() => console.log(z.brotliDecompressSync(z.brotliCompressSync('the forgotten ones are closed')).toString()));
            });
            """,
            limits: new InstanceLimits { MemoryBytes = memoryBytes });

        var full = $"ERR_ZLIB_INITIALIZATION_FAILED {most}\n";
        Assert.Equal((full + full + "the forgotten ones are closed\n", new InstanceExit.Exited(0)), (output, exit));
    }

    private static byte[] ReadAll(Inflation inflation)
    {
        using var all = new MemoryStream();
        var buffer = new byte[4096];
        for (int count; (count = inflation.Read(buffer)) > 0;)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }
}
