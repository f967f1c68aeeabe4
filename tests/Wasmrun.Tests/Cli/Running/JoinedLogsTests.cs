using System.Text;
using Wasmrun.Cli.Running;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Running;

/// <summary>Output of services that have ended in a runner that goes on.</summary>
public sealed class JoinedLogsTests
{
    private static readonly DateTimeOffset s_begin = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly FakeStack _stack = new();
    private readonly TaskCompletionSource _over = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatIsLeftWhenAllHasEnded_IsRead_AndEachLineOnce()
    {
        _stack.Log.AddRange([Line("job", 1, "a"), Line("job", 2, "b"), Line("job", 2, "b")]);
        await using var lines = Read();
        Assert.Equal(["a", "b", "b"], [await NextAsync(lines), await NextAsync(lines), await NextAsync(lines)]);

        var next = NextAsync(lines);
        _stack.Log.AddRange([Line("db", 1, "early"), Line("job", 2, "b"), Line("job", 2, "c"), Line("job", 3, "d")]);
        _over.SetResult();

        Assert.Equal(["early", "b", "c", "d", null], [await next, await NextAsync(lines), await NextAsync(lines), await NextAsync(lines), await NextAsync(lines)]);
    }

    [Fact]
    public async Task EndOfTheRunner_IsTheEnd()
    {
        _stack.Log.Add(Line("job", 1, "a"));
        await using var lines = Read();
        Assert.Equal("a", await NextAsync(lines));

        var next = NextAsync(lines);
        await _stack.DownAsync(new DownOptions(Volumes: false, GracePeriod: null), Token);

        Assert.Null(await next);
    }

    private IAsyncEnumerator<LogLine> Read() => new JoinedLogs(_stack, new LogQuery { Follow = true }, _over.Task).ReadAsync(Token).GetAsyncEnumerator(Token);

    private static async Task<string?> NextAsync(IAsyncEnumerator<LogLine> lines) =>
        await lines.MoveNextAsync() ? Encoding.UTF8.GetString(lines.Current.Bytes.Span) : null;

    private static LogLine Line(string service, int second, string text) =>
        new(s_begin.AddSeconds(second), service, $"{service}-1", 1, GuestStream.Output, Encoding.UTF8.GetBytes(text), Terminated: true);
}
