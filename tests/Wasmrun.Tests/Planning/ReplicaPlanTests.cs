using Wasmrun.Manifest.Specs;
using Wasmrun.Planning;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Wishes;

namespace Wasmrun.Tests.Planning;

public sealed class ReplicaPlanTests
{
    private static readonly ServiceSpec s_web = Written.Service("web").Forwarding(8080, 3000);

    [Fact]
    public void MoreReplicas_AreAScaleAndNoRestart() => Expect(
        StackPlanner.Plan(Written.Stack(s_web with { Replicas = 3 }), Seen.Stack(Seen.Running(s_web))),
        "scale web: 3 replicas of it are to run instead of 1");

    [Fact]
    public void FewerReplicas_AreAScaleToo() => Expect(
        StackPlanner.Plan(Written.Stack(s_web), Seen.Stack(Running(ServicePhase.Running, ServicePhase.Running))),
        "scale web: 1 replica of it is to run instead of 2");

    [Fact]
    public void ReplicasShareTheForwards_WhichAreReservedOnce() => Expect(
        StackPlanner.Plan(Written.Stack(s_web with { Replicas = 3 }), ObservedStack.Empty),
        """
        reserve ports: 1 forward is not bound
            127.0.0.1:8080 -> web 3000/tcp
        start web: it is declared and was not started yet (after reserve ports)
        """);

    [Fact]
    public void ChangedForwards_AreReboundWhileItScales() => Expect(
        StackPlanner.Plan(Written.Stack(s_web.Forwarding(8081, 3000) with { Replicas = 2 }), Seen.Stack(Seen.Running(s_web))),
        """
        reserve ports: 1 forward is not bound
            127.0.0.1:8081 -> web 3000/tcp
        scale web: 2 replicas of it are to run instead of 1 (after reserve ports)
        rebind web: forwards changed (after reserve ports)
        """);

    [Fact]
    public void ChangedEnvironment_SwapsAndScalesInOne() => Expect(
        StackPlanner.Plan(Written.Stack(s_web.With("LOG", "debug") with { Replicas = 3 }), Seen.Stack(Seen.Running(s_web))),
        "swap web: environment changed");

    [Fact]
    public void NoReplica_StopsTheServiceClosesItsForwardsAndKeepsNobodyWaiting() => Expect(
        StackPlanner.Plan(Written.Stack(s_web with { Replicas = 0 }, Written.Service("api", "web")), Seen.Stack(Seen.Running(s_web))),
        """
        stop web: no replica of it is to run
        release ports of web: no replica of it is to run (after stop web)
        start api: it is declared and was not started yet
        """);

    [Fact]
    public void ReplicaThatHasFailed_IsStartedWhenSomebodyAsksAgain()
    {
        var stack = Written.Stack(s_web with { Replicas = 2 });
        var observed = Seen.Stack(Running(ServicePhase.Running, ServicePhase.Failed));
        var asked = WishChanges.Start(StackWish.Up(stack), ["web"]);

        Expect(StackPlanner.Plan(stack, observed), "nothing to do");
        Expect(StackPlanner.Plan(asked, observed), "start web: all of its 2 replicas are to run, and 1 of them does not");
    }

    [Fact]
    public void Scale_KeepsWhatRunsAndIsKeptByAnUpOfOthers()
    {
        var stack = Written.Stack(s_web, Written.Service("db"));
        var scaled = WishChanges.Scale(StackWish.Up(stack), new Dictionary<string, int>(StringComparer.Ordinal) { ["web"] = 3 }, withDependencies: true);

        Assert.Equal(3, Replicas(scaled));
        Assert.Equal(StackWish.Up(stack).Services["web"].Asked.Start, scaled.Services["web"].Asked.Start);
        Assert.Equal(3, Replicas(WishChanges.Apply(scaled, stack, ["db"], withDependencies: true, isForced: false, removeOrphans: false)));
        Assert.Equal(1, Replicas(WishChanges.Apply(scaled, stack, [], withDependencies: true, isForced: false, removeOrphans: false)));
    }

    private static int Replicas(StackWish wish) => wish.Stack.Services.Single(service => service.Name == "web").Replicas;

    private static ObservedService Running(params ServicePhase[] replicas) =>
        Seen.Running(s_web with { Replicas = replicas.Length }) with { Replicas = replicas };

    private static void Expect(StackPlan plan, string printed) => Assert.Equal(printed.ReplaceLineEndings("\n") + "\n", PlanPrinter.Print(plan));
}
