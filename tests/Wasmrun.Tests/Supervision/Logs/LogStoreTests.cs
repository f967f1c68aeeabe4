using System.Text;
using Microsoft.Extensions.Time.Testing;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Logs;

public sealed class LogStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private LogStore _logs;

    public LogStoreTests() => _logs = Open();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _logs.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Services_AreMergedByTime()
    {
        Write("web", "1");
        Write("db", "2");
        Write("db", "3");
        Write("web", "4");

        Assert.Equal(["1", "2", "3", "4"], await ReadAsync(new()));
        Assert.Equal(["2", "3"], await ReadAsync(new() { Services = ["db"] }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(250)]
    [InlineData(5000)]
    public async Task Tail_IsPerServiceHoweverFarBackItReaches(int tail)
    {
        for (var line = 0; line < 300; line++)
        {
            Write("web", $"w{line}");
            Write("db", $"d{line}");
        }

        var lines = await ReadAsync(new() { Tail = tail });

        var kept = Math.Min(tail, 300);
        Assert.Equal(Enumerable.Range(300 - kept, kept).SelectMany(line => new[] { $"w{line}", $"d{line}" }), lines, StringComparer.Ordinal);
    }

    [Fact]
    public async Task SinceAndUntil_CutByTime()
    {
        Write("web", "1");
        var since = _time.GetUtcNow().AddMilliseconds(1);
        Write("web", "2");
        Write("web", "3");
        var until = _time.GetUtcNow().AddMilliseconds(1);
        Write("web", "4");

        Assert.Equal(["2", "3"], await ReadAsync(new() { Since = since, Until = until }));
    }

    [Fact]
    public async Task Follower_GoesOnWhereHistoryEndedInTheMiddleOfALine()
    {
        Write("web", "1");
        _logs.Open("web", "web-1").OutputOf(1).Write(GuestStream.Output, "beg"u8);
        await using var follower = Follow(new() { Follow = true });
        Assert.Equal("1", Text((await follower.TakeAsync(1))[0]));
        _logs.Open("web", "web-1").OutputOf(1).Write(GuestStream.Output, "un\n"u8);

        Assert.Equal("begun", Text((await follower.TakeAsync(1))[0]));
    }

    [Fact]
    public async Task Follower_SeesServicesThatAppearLater()
    {
        Write("web", "1");
        await using var follower = Follow(new() { Follow = true });
        await follower.TakeAsync(1);
        Write("late", "2");
        Assert.Equal("2", Text((await follower.TakeAsync(1))[0]));
        _logs.Remove("late-1");
        Write("late", "3");
        Assert.Equal("3", Text((await follower.TakeAsync(1))[0]));
    }

    [Fact]
    public async Task FollowerSinceNow_IsSparedWhatAnEarlierRunnerHasLeft()
    {
        Write("web", "old");
        _logs.Dispose();
        _logs = Open();
        await using var follower = Follow(new() { Follow = true, Since = _time.GetUtcNow().AddMilliseconds(1) });
        Write("db", "1");
        Assert.Equal("1", Text((await follower.TakeAsync(1))[0]));

        Write("web", "new");

        Assert.Equal("new", Text((await follower.TakeAsync(1))[0]));
        Assert.Equal(["old", "1", "new"], await ReadAsync(new()));
    }

    [Fact]
    public async Task Follower_EndsWithTheStoreAfterEveryLine()
    {
        await using var follower = Follow(new() { Follow = true });
        Write("web", "1");
        _logs.Open("web", "web-1").OutputOf(1).Write(GuestStream.Output, "unterminated"u8);
        _logs.Close();

        Assert.Equal(["1", "unterminated"], (await follower.TakeAsync(2)).Select(Text), StringComparer.Ordinal);
        await follower.ExpectEndAsync();
    }

    [Fact]
    public async Task Follower_ReadsAllSinceItAskedHoweverLateItReads()
    {
        Write("web", "0");
        await using var follower = Follow(new() { Follow = true });
        Write("web", "1");
        Write("brief", "2");
        _logs.Remove("web-1");
        _logs.Remove("brief-1");
        _logs.Finish();
        Write("next", "3");

        // Two logs are merged by time only as far as they were written when they were asked for.
        Assert.Equal("0", Text((await follower.TakeAsync(1))[0]));
        Assert.Equal(["1", "2"], (await follower.TakeAsync(2)).Select(Text).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        await follower.ExpectEndAsync();
    }

    [Fact]
    public void RemovedLog_LeavesNoFiles()
    {
        Write("web", "1");
        Write("db", "1");
        _logs.Remove("web-1");
        _logs.Dispose();

        Assert.Equal([_folder.At("db-1")], Directory.GetDirectories(_folder.Path));
    }

    private static string Text(LogLine line) => Encoding.UTF8.GetString(line.Bytes.Span);

    private LogStore Open() => new(_folder.Path, new(MaxSize: 2_000, MaxFile: 100, RingBytes: 1_000), new("shop", _time), _time);

    private void Write(string service, string line)
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _logs.Open(service, service + "-1").OutputOf(1).Write(GuestStream.Output, Encoding.UTF8.GetBytes(line + "\n"));
    }

    private async Task<List<string>> ReadAsync(LogQuery query) => await _logs.ReadAsync(query, Token).Select(Text).ToListAsync(Token);

    private Reading Follow(LogQuery query) => new(_logs.ReadAsync(query, Token), Token);
}
