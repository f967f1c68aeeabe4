using System.Text;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Logs;

/// <summary>The output of one instance to its end, for who shows it as it is.</summary>
public sealed class LogReadingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LogStore _logs;
    private readonly LogReading _reading;

    public LogReadingTests()
    {
        _logs = new(_folder.Path, LogLimits.Default, new("shop", TimeProvider.System), TimeProvider.System);
        _logs.Open("job", "job-1").OutputOf(1).Write(GuestStream.Output, "before"u8);
        _reading = _logs.ReadToEnd("job", "job-1");
    }

    public void Dispose()
    {
        _logs.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task SmallWrites_AreOnePiece_UntilTheStreamOrTheGenerationIsAnother()
    {
        var log = _logs.Open("job", "job-1");
        Write(0, GuestStream.Output, "built\n");
        log.End(0);
        Write(1, GuestStream.Output, "a\nb", "\n", "c> ");
        Write(1, GuestStream.Error, "oops");
        log.End(1);
        Write(1, GuestStream.Output, "d");
        _logs.End(_reading);

        var pieces = await PiecesAsync();

        Assert.Equal(
            [(0, GuestStream.Output, "built\n"), (1, GuestStream.Output, "a\nb\nc> "), (1, GuestStream.Error, "oops"), (1, GuestStream.Output, "d")],
            pieces.Select(piece => (piece.Generation, piece.Stream, Encoding.UTF8.GetString(piece.Bytes.Span))));
    }

    [Fact]
    public async Task WhatIsNoWholeLine_IsReadAtOnce()
    {
        await using var pieces = _reading.ReadAsync().GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Write(1, GuestStream.Output, "name: ");

        Assert.True(await pieces.MoveNextAsync());
        Assert.Equal("name: ", Encoding.UTF8.GetString(pieces.Current.Bytes.Span));
        _logs.End(_reading);
        Assert.False(await pieces.MoveNextAsync());
    }

    [Fact]
    public async Task Flood_IsReadByteForByte_InPiecesOfABoundedSize()
    {
        var written = new byte[500_000];
        for (var (at, length) = (0, 1); at < written.Length; at += length, length = ((length * 7) + 3) % 40_000)
        {
            length = Math.Min(length, written.Length - at);
            Random.Shared.NextBytes(written.AsSpan(at, length));
            _logs.Open("job", "job-1").OutputOf(1).Write(GuestStream.Output, written.AsSpan(at, length));
        }

        _logs.End(_reading);
        var pieces = await PiecesAsync();

        Assert.Equal(written, pieces.SelectMany(piece => piece.Bytes.ToArray()));
        Assert.All(pieces, piece => Assert.InRange(piece.Bytes.Length, 1, 32 * 1024));
        Assert.InRange(pieces.Count, written.Length / (32 * 1024), 40);
    }

    private ValueTask<List<LogPiece>> PiecesAsync() => _reading.ReadAsync().ToListAsync(TestContext.Current.CancellationToken);

    private void Write(int generation, GuestStream stream, params IEnumerable<string> portions)
    {
        foreach (var portion in portions)
        {
            _logs.Open("job", "job-1").OutputOf(generation).Write(stream, Encoding.UTF8.GetBytes(portion));
        }
    }
}
