using Wasmrun.Cli.Running;
using Wasmrun.Control.Api;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Running;

/// <summary>What an <c>up</c> leaves behind of a stack that ran before it came.</summary>
public sealed class JoinedStackTests
{
    private readonly FakeStack _stack = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatWasStartedHere_IsStopped_AndTheRestRunsOn()
    {
        var joined = await JoinAsync(FakeStack.Status("job", ServicePhase.Exited), FakeStack.Status("db"), FakeStack.Status("web"));

        await joined.LeaveAsync(gracePeriod: null, Token);

        Assert.False(joined.WasStopped);
        Assert.Equal(["web"], joined.Others);
        Assert.Equal(["db"], Assert.Single(_stack.Requests.OfType<ServicesRequest>()).Services);
        Assert.Equal(["stop"], _stack.Asked);
    }

    [Fact]
    public async Task StackOfWhichNothingElseRuns_IsLeftToNobody()
    {
        var joined = await JoinAsync(FakeStack.Status("job", ServicePhase.Exited), FakeStack.Status("db"), FakeStack.Status("web", ServicePhase.Stopped));

        Assert.Empty(joined.Others);
    }

    [Fact]
    public async Task ServiceThatSomebodyStopped_DidNotEndByItself()
    {
        Assert.True((await JoinAsync(FakeStack.Status("job", ServicePhase.Stopped), FakeStack.Status("web"))).WasStopped);
    }

    private async Task<JoinedStack> JoinAsync(params ServiceStatus[] services)
    {
        foreach (var service in services)
        {
            _stack.Services.Add(service);
        }

        var joined = new JoinedStack(_stack, ["job"]);
        joined.Join(new ApplyReply.Applied([new("start db", "it is needed"), new("start job", "it is wanted")], [], []));
        await joined.LookAsync(Token);
        return joined;
    }
}
