using System.Text;
using Microsoft.Extensions.Time.Testing;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Logs;

public sealed class ServiceLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly EventStream _events;

    public ServiceLogTests() => _events = new("shop", _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ChangedOptions_HoldFromTheNextRecordOn()
    {
        using var folder = new TemporaryFolder();
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var logs = new LogStore(folder.Path, LogLimits.Default, new("shop", time), time);
        var log = logs.Open("web", "web-1");
        var output = log.OutputOf(1);
        output.Write(Wasmrun.Sandbox.GuestStream.Output, new byte[30_000]);
        Assert.Single(log.Segments);

        log.Use(new(MaxSize: 64 * 1024, MaxFile: 2));
        for (var i = 0; i < 10; i++)
        {
            output.Write(Wasmrun.Sandbox.GuestStream.Output, new byte[30_000]);
        }

        Assert.Equal(2, log.Segments.Count);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task LogOfAnInstanceThatHasEnded_KeepsNoFileOpen_AndGoesOnInTheSame(bool isTakenAway, int segments)
    {
        using (var logs = Store())
        {
            var log = logs.Open("web", "web-1");
            Write(log.OutputOf(1), "one\n");
            log.End(1);
            var file = Assert.Single(log.Segments).Path;
            if (OperatingSystem.IsLinux())
            {
                Assert.DoesNotContain(Directory.GetFiles("/proc/self/fd"), open => string.Equals(new FileInfo(open).LinkTarget, file, StringComparison.Ordinal));
            }

            if (isTakenAway)
            {
                File.Delete(file);
            }

            Write(log.OutputOf(2), "two\n");
            Assert.Equal(segments, log.Segments.Count);
        }

        using var again = Store();
        _ = again.Open("web", "web-1");

        Assert.Equal(isTakenAway ? ["two"] : ["one", "two"], (await ReadAsync(again, new())).Select(Text), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Lines_AreWhatTheGuestWroteHoweverItWasCut()
    {
        using var logs = Store();
        var output = logs.Open("web", "web-1").OutputOf(1);
        Write(output, "one\ntw");
        _time.Advance(TimeSpan.FromSeconds(1));
        Write(output, "o\n\nthr");
        Write(output, "ee\r\n");

        var lines = await ReadAsync(logs, new());

        Assert.Equal(["one", "two", "", "three\r"], lines.Select(Text), StringComparer.Ordinal);
        Assert.All(lines, line => Assert.True(line.Terminated));
        Assert.Equal(_time.Start, lines[1].Time);
        Assert.Equal(("web", "web-1", 1, GuestStream.Output), (lines[0].Service, lines[0].Instance, lines[0].Generation, lines[0].Stream));
    }

    [Fact]
    public async Task UnterminatedLastLine_IsDeliveredAtTheEndOfTheGeneration()
    {
        using var logs = Store();
        var log = logs.Open("web", "web-1");
        await using var follower = Follow(logs);
        Write(log.OutputOf(1), "panic: no");
        log.End(1);
        Write(log.OutputOf(2), "hello\n");

        Assert.Equal(["panic: no", "hello"], (await follower.TakeAsync(2)).Select(Text), StringComparer.Ordinal);
        Assert.Equal([false, true], follower.Taken.Select(line => line.Terminated));
        Assert.Equal([1, 2], follower.Taken.Select(line => line.Generation));
    }

    [Fact]
    public async Task OutputAndError_AreNotMixedWithinALine()
    {
        using var logs = Store();
        var output = logs.Open("web", "web-1").OutputOf(1);
        Write(output, "out");
        output.Write(GuestStream.Error, "err\n"u8);
        Write(output, "put\n");

        Assert.Equal(["err", "output"], (await ReadAsync(logs, new())).Select(Text), StringComparer.Ordinal);
    }

    [Fact]
    public async Task BytesThatAreNoText_SurviveTheDisk()
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value).Where(value => value != '\n')];
        using (var logs = Store())
        {
            logs.Open("web", "web-1").OutputOf(1).Write(GuestStream.Output, [.. bytes, (byte)'\n']);
        }

        using var again = Store();
        again.Open("web", "web-1");

        Assert.Equal(bytes, Assert.Single(await ReadAsync(again, new())).Bytes.ToArray());
    }

    [Fact]
    public async Task LineLongerThanAMebibyte_ComesInParts()
    {
        using var logs = Store(LogLimits.Default with { MaxSize = 100_000_000 });
        Write(logs.Open("web", "web-1").OutputOf(1), new string('x', 3_000_000) + "\n");

        var lines = await ReadAsync(logs, new());

        Assert.True(lines.Count > 1);
        Assert.Equal(3_000_000, lines.Sum(line => line.Bytes.Length));
        Assert.Equal([.. Enumerable.Repeat(false, lines.Count - 1), true], lines.Select(line => line.Terminated));
    }

    [Fact]
    public async Task SlowFollower_LosesNothing()
    {
        using var logs = Store(new(MaxSize: 20_000, MaxFile: 1000, RingBytes: 2_000));
        var log = logs.Open("web", "web-1");
        await using var follower = Follow(logs);
        var expected = new List<string>();
        for (var round = 0; round < 20; round++)
        {
            for (var line = 0; line < 200; line++)
            {
                expected.Add($"{round} {line}");
                Write(log.OutputOf(1), $"{round} {line}\n");
            }

            await follower.TakeAsync(37);
        }

        await follower.TakeAsync(expected.Count - follower.Taken.Count);

        Assert.Equal(expected, follower.Taken.Select(Text), StringComparer.Ordinal);
    }

    [Fact]
    public void FollowerInTheMiddleOfAFile_ReadsOnAfterItWasRotatedAway()
    {
        using var logs = Store(new(MaxSize: 40_000, MaxFile: 1, RingBytes: 500));
        var log = logs.Open("web", "web-1");
        using var follower = log.Follow(1);
        for (var line = 0; line < 530; line++)
        {
            Write(log.OutputOf(1), $"{line}\n");
        }

        var first = Assert.Single(log.Segments);
        Assert.Equal(1, first.First);
        var before = follower.Read().ToArray();
        for (var line = 530; line < 1200; line++)
        {
            Write(log.OutputOf(1), $"{line}\n");
        }

        Assert.False(File.Exists(first.Path));
        Assert.Equal(before[^1].Sequence + 1, follower.Read()[0].Sequence);
    }

    [Fact]
    public async Task Rotation_KeepsTheNewestFilesWithinTheirSize()
    {
        using (var logs = Store(new(MaxSize: 10_000, MaxFile: 3, RingBytes: 1_000)))
        {
            var output = logs.Open("web", "web-1").OutputOf(1);
            for (var line = 0; line < 2000; line++)
            {
                Write(output, $"line {line}\n");
            }
        }

        var files = new DirectoryInfo(_folder.At("web-1")).GetFiles();
        Assert.Equal(3, files.Length);
        Assert.All(files, file => Assert.InRange(file.Length, 1, 10_000));
        using var again = Store();
        again.Open("web", "web-1");
        var lines = await ReadAsync(again, new());
        Assert.Equal("line 1999", Text(lines[^1]));
        Assert.Equal(Enumerable.Range(2000 - lines.Count, lines.Count).Select(line => $"line {line}"), lines.Select(Text), StringComparer.Ordinal);
    }

    [Fact]
    public async Task LogOfAKilledRunner_GoesOnBehindItsTornLine()
    {
        using (var logs = Store())
        {
            Write(logs.Open("web", "web-1").OutputOf(1), "before\nunfin");
        }

        await File.AppendAllTextAsync(Directory.GetFiles(_folder.At("web-1")).Single(), "{\"n\":2,\"t\":\"20", Token);
        using var again = Store();
        Write(again.Open("web", "web-1").OutputOf(1), "after\n");

        Assert.Equal(["before", "unfin", "after"], (await ReadAsync(again, new())).Select(Text), StringComparer.Ordinal);
    }

    [Fact]
    public async Task UnwritableDisk_IsReportedOnceAndShownNonetheless()
    {
        await File.WriteAllTextAsync(_folder.At("web-1"), "a file where the folder should be", Token);
        using var events = _events.Subscribe();
        using var logs = Store();
        var log = logs.Open("web", "web-1");
        await using var follower = Follow(logs);
        Write(log.OutputOf(1), "one\n");
        _time.Advance(TimeSpan.FromSeconds(2));
        Write(log.OutputOf(1), "two\n");

        Assert.Equal(["one", "two"], (await follower.TakeAsync(2)).Select(Text), StringComparer.Ordinal);

        File.Delete(_folder.At("web-1"));
        Write(log.OutputOf(1), "too early to try again\n");
        _time.Advance(TimeSpan.FromSeconds(2));
        Write(log.OutputOf(1), "three\n");
        events.Dispose();

        var seen = await events.ReadAllAsync(Token).ToListAsync(Token);
        Assert.Equal([StackEventKind.LogFailed, StackEventKind.LogResumed], seen.Select(entry => entry.Kind));
        Assert.Equal("31", seen[1].Attributes["lostBytes"]);
        Assert.Contains("three", await File.ReadAllTextAsync(Directory.GetFiles(_folder.At("web-1")).Single(), Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LogHold.InMemory)]
    [InlineData(LogHold.Stored)]
    public void Holder_MissesNothing_AndHoldsTheGuestBackOnlyWhileItIsBehind(LogHold hold)
    {
        var limits = new LogLimits(MaxSize: 1024 * 1024, MaxFile: 2, RingBytes: 64 * 1024);
        using var logs = Store(limits);
        var log = logs.Open("web", "web-1");
        var output = log.OutputOf(1);
        var next = 0;
        var read = 0;
        using (var holder = log.Follow(log.Extent().Next, hold))
        {
            for (var round = 0; round < 4; round++)
            {
                var begun = next;
                while (output.HasRoom(1000))
                {
                    Write(output, Piece(next++));
                }

                Assert.InRange((next - begun) * 1000, limits.RingBytes / 2, limits.MaxSize * 2);
                while (read < next)
                {
                    foreach (var entry in holder.Read())
                    {
                        Assert.Equal(Piece(read++), Encoding.UTF8.GetString(entry.Bytes.Span));
                    }
                }
            }
        }

        for (var more = 0; more < 5000; more++)
        {
            Assert.True(output.HasRoom(1000));
            Write(output, Piece(more));
        }

        static string Piece(int number) => number.ToString("D999", System.Globalization.CultureInfo.InvariantCulture) + "\n";
    }

    [Theory]
    [InlineData(1_048_576, 1)]
    [InlineData(65_536, 1)]
    [InlineData(1_000, 3)]
    public void HolderWhoHasReadAll_HoldsNobodyBack_HoweverLittleIsKept(long maxSize, int maxFile)
    {
        var limits = new LogLimits(maxSize, maxFile, RingBytes: 64 * 1024);
        for (var run = 0; run < 2; run++)
        {
            using var logs = Store(limits);
            var log = logs.Open("web", "web-1");
            var output = log.OutputOf(1);
            using var holder = log.Follow(log.Extent().Next, LogHold.Stored);
            for (var number = 0; number < 100; number++)
            {
                Assert.True(output.HasRoom(32_000));
                Write(output, number.ToString("D31999", System.Globalization.CultureInfo.InvariantCulture) + "\n");
                while (holder.Position < log.Extent().Next)
                {
                    _ = holder.Read();
                }
            }
        }
    }

    [Fact]
    public void ClosedLog_HoldsNobodyBack()
    {
        var logs = Store(new LogLimits(MaxSize: 1, MaxFile: 1, RingBytes: 1));
        var log = logs.Open("web", "web-1");
        var output = log.OutputOf(1);
        using var holder = log.Follow(log.Extent().Next, LogHold.InMemory);
        Write(output, "one\n");
        Assert.False(output.HasRoom(1));

        logs.Dispose();

        Assert.True(output.HasRoom(1));
    }

    [Fact]
    public void RecentLines_IncludeTheUnterminatedOne()
    {
        using var logs = Store();
        var log = logs.Open("web", "web-1");
        Write(log.OutputOf(1), "a\nb\nc\nd");

        Assert.Equal(["c", "d"], log.RecentLines(2));
    }

    private static void Write(IGuestOutput output, string text) => output.Write(GuestStream.Output, Encoding.UTF8.GetBytes(text));

    private static string Text(LogLine line) => Encoding.UTF8.GetString(line.Bytes.Span);

    private static async Task<List<LogLine>> ReadAsync(LogStore logs, LogQuery query) => await logs.ReadAsync(query, Token).ToListAsync(Token);

    private static Reading Follow(LogStore logs) => new(logs.ReadAsync(new() { Follow = true }, Token), Token);

    private LogStore Store(LogLimits? limits = null) => new(_folder.Path, limits ?? LogLimits.Default, _events, _time);
}
