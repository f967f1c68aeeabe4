using System.Text;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;
using Wasmrun.Tests.Cli.Fakes;

namespace Wasmrun.Tests.Cli.Rendering;

public sealed class ExactBytesTests
{
    [Fact]
    public async Task Streams_AreTheGuestsByteForByte()
    {
        var (output, error) = (new MemoryOutput(isTerminal: true), new MemoryOutput(isTerminal: true));
        var sink = new ExactBytes(new Screen(output, error, AnsiMode.Auto, new Dictionary<string, string>(StringComparer.Ordinal), TimeProvider.System));
        var token = TestContext.Current.CancellationToken;
        await new LogPump(sink, TimeProvider.System).RunAsync(
            new[]
            {
                Line(GuestStream.Output, "one\r\e[2J", terminated: true),
                Line(GuestStream.Error, "oops", terminated: true),
                Line(GuestStream.Output, "prompt> ", terminated: false),
            }.ToAsyncEnumerable(),
            token);
        Assert.Equal("one\r\e[2J\nprompt> ", output.Text);
        Assert.Equal("oops\n", error.Text);
    }

    [Fact]
    public async Task Pieces_AreWrittenAsTheyAre_InTheOrderOfTheStreams()
    {
        var terminal = new MemoryOutput(isTerminal: true);
        var sink = new ExactBytes(new Screen(terminal, terminal, AnsiMode.Auto, new Dictionary<string, string>(StringComparer.Ordinal), TimeProvider.System));
        await new LogPump(sink, TimeProvider.System).RunAsync<LogPiece>(
            new[]
            {
                Piece(GuestStream.Output, "one\nna"),
                Piece(GuestStream.Output, "me: "),
                Piece(GuestStream.Error, "oops\n"),
                Piece(GuestStream.Output, "two"),
            }.ToAsyncEnumerable(),
            sink.Add,
            TestContext.Current.CancellationToken);
        Assert.Equal("one\nname: oops\ntwo", terminal.Text);
    }

    [Fact]
    public async Task LoneLine_IsShownWhileTheNextIsAwaited()
    {
        var output = new MemoryOutput();
        var sink = new ExactBytes(new Screen(output, new MemoryOutput(), AnsiMode.Auto, new Dictionary<string, string>(StringComparer.Ordinal), TimeProvider.System));
        var second = new TaskCompletionSource();
        var pump = new LogPump(sink, TimeProvider.System);
        var pumping = pump.RunAsync(Lines(), TestContext.Current.CancellationToken);
        Assert.Equal("one\n", output.Text);
        Assert.True(pump.HasCaughtUp);
        second.SetResult();
        await pumping;
        Assert.Equal("one\ntwo\n", output.Text);

        async IAsyncEnumerable<LogLine> Lines()
        {
            yield return Line(GuestStream.Output, "one", terminated: true);
            await second.Task;
            yield return Line(GuestStream.Output, "two", terminated: true);
        }
    }

    private static LogPiece Piece(GuestStream stream, string text) => new(1, stream, Encoding.UTF8.GetBytes(text));

    private static LogLine Line(GuestStream stream, string text, bool terminated) =>
        new(default, "os", "os-1", 1, stream, Encoding.UTF8.GetBytes(text), terminated);
}
