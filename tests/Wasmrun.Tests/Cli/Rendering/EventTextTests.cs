using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Tests.Cli.Rendering;

public sealed class EventTextTests
{
    [Fact]
    public void Exit_IsSaidAsComposeSaysIt() =>
        Assert.Equal("web-1 exited with code 3", Between(StackEventKind.Exited, "exited with code 3", ("exitCode", "3")));

    [Fact]
    public void Trap_IsSaidWithItsReasonAndItsBacktrace() =>
        Assert.Equal(
            "web-1 exited with code 134 (trapped: unreachable)\n    at f\n    at main",
            Between(StackEventKind.Exited, "trapped: unreachable", ("exitCode", "134"), ("detail", "at f\nat main\n")));

    [Fact]
    public void Restart_IsSaidWithItsDelay() =>
        Assert.Equal("web-1 restarts in 400 ms (attempt 3)", Between(StackEventKind.Restarting, "…", ("delay", "400"), ("attempt", "3")));

    [Theory]
    [InlineData(StackEventKind.EgressDenied, "web-1 warning: why")]
    [InlineData(StackEventKind.NotListening, "web-1 warning: why")]
    [InlineData(StackEventKind.HoldExpired, "web-1 warning: why")]
    [InlineData(StackEventKind.Failed, "web-1 failed: why")]
    [InlineData(StackEventKind.Healthy, null)]
    [InlineData(StackEventKind.ForwardBound, null)]
    public void BetweenLogs_OnlyWhatAUserWantsToKnowIsSaid(StackEventKind kind, string? line) => Assert.Equal(line, Between(kind, "why"));

    [Fact]
    public void FirstStart_IsSaidByTheStartBlockAlone()
    {
        Assert.Null(Between(StackEventKind.Started, ""));
        Assert.Equal("web-1 started again", EventText.BetweenLogs(Event(StackEventKind.Started, "") with { Generation = 2 }, Palette.None));
    }

    [Fact]
    public void EveryKind_HasVerboseText() =>
        Assert.All(Enum.GetValues<StackEventKind>(), kind => Assert.StartsWith("web-1 ", EventText.Verbose(Event(kind, "why"), Palette.None), StringComparison.Ordinal));

    [Fact]
    public void VerboseText_UsesPlainWords() =>
        Assert.Equal("web-1 forward bound: why", EventText.Verbose(Event(StackEventKind.ForwardBound, "why"), Palette.None));

    private static string? Between(StackEventKind kind, string cause, params (string Name, string Value)[] attributes) =>
        EventText.BetweenLogs(Event(kind, cause, attributes), Palette.None);

    private static StackEvent Event(StackEventKind kind, string cause, params (string Name, string Value)[] attributes) => new(
        1, default, "shop", "web", "web-1", 1, kind, cause, attributes.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal));
}
