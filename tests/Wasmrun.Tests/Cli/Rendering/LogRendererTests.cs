using System.Buffers;
using System.Text;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Tests.Cli.Rendering;

public sealed class LogRendererTests
{
    private static readonly LogStyle s_usual = new(Prefix: true, Timestamps: false);

    [Fact]
    public void Prefixes_AreAlignedToTheLongestName() =>
        Assert.Equal(
            "web-1    | one\nstore-1  | two\n",
            Render(new LogRenderer([("web", "web-1"), ("store", "store-1")], s_usual, Palette.None, terminal: false), ("web", "one"), ("store", "two")));

    [Fact]
    public void Alignment_WidensForAnInstanceThatComesLater() =>
        Assert.Equal(
            "web-1  | one\nlonger-1  | two\nweb-1     | three\n",
            Render(new LogRenderer([("web", "web-1")], s_usual, Palette.None, terminal: false), ("web", "one"), ("longer", "two"), ("web", "three")));

    [Fact]
    public void EachService_HasItsColour_AndKeepsIt()
    {
        var shown = Render(
            new LogRenderer([("web", "web-1"), ("db", "db-1")], s_usual, new Palette(enabled: true), terminal: true), ("db", "a"), ("web", "b"), ("db", "c"));
        Assert.Equal("\e[33mdb-1   | \e[0ma\n\e[36mweb-1  | \e[0mb\n\e[33mdb-1   | \e[0mc\n", shown);
    }

    [Fact]
    public void Timestamps_ComeAfterThePrefix() =>
        Assert.Equal(
            "web-1  | 2026-01-02T03:04:05.678900Z hello\n",
            Render(new LogRenderer([("web", "web-1")], new LogStyle(Prefix: true, Timestamps: true), Palette.None, terminal: false), ("web", "hello")));

    [Fact]
    public void WithoutPrefix_ThereIsOnlyTheLine() =>
        Assert.Equal(
            "hello\n", Render(new LogRenderer([], new LogStyle(Prefix: false, Timestamps: false), Palette.None, terminal: false), ("web", "hello")));

    [Fact]
    public void AwayFromATerminal_BytesAreUntouched() =>
        Assert.Equal(
            "web-1  | \e[2J\ra\a\r\n", Render(new LogRenderer([("web", "web-1")], s_usual, Palette.None, terminal: false), ("web", "\e[2J\ra\a\r")));

    [Fact]
    public void OnATerminal_ACarriageReturnCannotOverwriteThePrefix() =>
        Assert.Equal(
            "web-1  | good\nweb-1  | evil\n", Render(new LogRenderer([("web", "web-1")], s_usual, Palette.None, terminal: true), ("web", "good\revil")));

    private static string Render(LogRenderer renderer, params (string Service, string Text)[] lines)
    {
        var shown = new ArrayBufferWriter<byte>();
        var time = new DateTimeOffset(2026, 1, 2, 4, 4, 5, 678, 900, TimeSpan.FromHours(1));
        foreach (var (service, text) in lines)
        {
            renderer.Render(new LogLine(time, service, $"{service}-1", 1, GuestStream.Output, Encoding.UTF8.GetBytes(text), Terminated: true), shown);
        }

        return Encoding.UTF8.GetString(shown.WrittenSpan);
    }
}
