using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Rendering;

public sealed class StartBlockTests
{
    private static readonly Publisher s_place = new("127.0.0.1", 3000, 8080, "tcp");

    [Theory]
    [InlineData(ServicePhase.Running, 1, "http://localhost:8080 -> 3000")]
    [InlineData(ServicePhase.Restarting, 0, "http://localhost:8080 -> 3000")]
    [InlineData(ServicePhase.Waiting, 0, "waiting")]
    [InlineData(ServicePhase.Failed, 0, "failed")]
    [InlineData(ServicePhase.Exited, 0, "exited")]
    public void Service_CountsAsUpOnlyWhileItRuns_AndIsNotSaidToBeReachedWhereNobodyAnswers(ServicePhase state, int count, string line)
    {
        var lines = StartBlock.Lines("shop", [FakeStack.Status("web", state, s_place)], "next", Palette.None).ToList();

        Assert.Equal([$"shop is up: {count} of 1 service", $"  web  {line}", "next"], lines);
    }
}
