using Wasmrun.Manifest.Specs;
using Wasmrun.Planning;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Wishes;

namespace Wasmrun.Tests.Planning;

public sealed class StackPlannerTests
{
    [Fact]
    public void FirstUp_ReservesPortsThenVolumesThenStartsInDependencyOrder() => Expect(
        StackPlanner.Plan(
            Written.Stack(
                Written.Service("web", "api", "cache").Forwarding(8080, 3000),
                Written.Service("api", "db").Forwarding(8081, 3000, "0.0.0.0"),
                Written.Service("cache"),
                Written.Service("db").Mounting("data")),
            ObservedStack.Empty),
        """
        reserve ports: 2 forwards are not bound
            127.0.0.1:8080 -> web 3000/tcp
            0.0.0.0:8081 -> api 3000/tcp
        create volume data: a service mounts it and it does not exist (after reserve ports)
        start db: it is declared and was not started yet (after reserve ports, create volume data)
        start api: it is declared and was not started yet (after reserve ports, start db)
        start cache: it is declared and was not started yet (after reserve ports)
        start web: it is declared and was not started yet (after reserve ports, start api, start cache)
        """);

    [Fact]
    public void SecondUp_HasNothingToDoWhenNothingChanged()
    {
        var web = Written.Service("web", "db").Forwarding(8080, 3000).Forwarding(null, 4000);
        var db = Written.Service("db").Mounting("data");

        var plan = StackPlanner.Plan(Written.Stack(web, db), Seen.Stack(Seen.Running(web), Seen.Running(db)));

        Assert.True(plan.IsEmpty);
        Expect(plan, "nothing to do");
    }

    [Fact]
    public void MovedLines_ChangeNothing()
    {
        var before = Written.Service("web").Forwarding(8080, 3000);
        var after = before with
        {
            Location = new("wasmrun-compose.yaml", 40, 1),
            Forwards = [before.Forwards[0] with { Location = new("wasmrun-compose.yaml", 44, 1) }],
        };

        Assert.True(StackPlanner.Plan(Written.Stack(after), Seen.Stack(Seen.Running(before))).IsEmpty);
    }

    [Fact]
    public void ChangedEnvironment_RestartsThatServiceAlone()
    {
        var web = Written.Service("web", "db").With("LOG", "info");
        var db = Written.Service("db");

        Expect(
            StackPlanner.Plan(Written.Stack(web.With("LOG", "debug"), db), Seen.Stack(Seen.Running(web), Seen.Running(db))),
            "restart web: environment changed");
    }

    /// <summary>What the runner made of the one forward is no part of what the instance was started from, unlike what was written.</summary>
    [Fact]
    public void PortThatForwardsImply_RestartsNothing()
    {
        var one = Written.Service("web").Forwarding(8080, 3000).WithEnvironment([]);
        var two = Written.Service("web").Forwarding(8080, 3000).Forwarding(8081, 3001).WithEnvironment([]);
        var given = one.WithEnvironment(new() { ["PORT"] = "3000" });
        Assert.Equal((true, false, false), (one.IsPortImplied, two.IsPortImplied, given.IsPortImplied));

        Expect(
            StackPlanner.Plan(Written.Stack(two), Seen.Stack(Seen.Running(one))),
            """
            reserve ports: 1 forward is not bound
                127.0.0.1:8081 -> web 3001/tcp
            rebind web: forwards changed (after reserve ports)
            """);
        Expect(StackPlanner.Plan(Written.Stack(given), Seen.Stack(Seen.Running(one))), "swap web: environment changed");
    }

    [Fact]
    public void ServiceWithForwards_IsSwapped()
    {
        var web = Written.Service("web").Forwarding(8080, 3000);

        Expect(
            StackPlanner.Plan(Written.Stack(web.With("LOG", "debug")), Seen.Stack(Seen.Running(web))),
            "swap web: environment changed");
    }

    [Theory]
    [InlineData("order")]
    [InlineData("network")]
    [InlineData("udp")]
    [InlineData("crashed")]
    [InlineData("exclusive volume")]
    public void ServiceThatCannotRunTwice_IsRestarted(string reason)
    {
        var before = Written.Service("web").Forwarding(8080, 3000).Mounting("data");
        var after = before.With("LOG", "debug");
        after = reason switch
        {
            "order" => after with { UpdateOrder = UpdateOrder.StopFirst },
            "network" => after with { Hold = TimeSpan.Zero },
            "udp" => after with { Forwards = [after.Forwards[0] with { Protocol = TransportProtocol.Udp }] },
            _ => after,
        };
        var stack = Written.Stack(after);
        var plan = StackPlanner.Plan(
            reason == "exclusive volume" ? stack with { Volumes = [stack.Volumes[0] with { Exclusive = true }] } : stack,
            Seen.Stack(Seen.In(reason == "crashed" ? ServicePhase.Restarting : ServicePhase.Running, before)));

        Assert.Contains("restart web", plan.Actions.Select(action => action.Id));
    }

    [Fact]
    public void ChangedModuleContent_Restarts()
    {
        var web = Written.Service("web");
        var observed = Seen.Stack(Seen.Running(web)) with
        {
            ModuleHashes = new Dictionary<string, string>(StringComparer.Ordinal) { ["web"] = "other content" },
        };

        Expect(StackPlanner.Plan(Written.Stack(web), observed), "restart web: module changed");
    }

    [Fact]
    public void ChangedLimitsOfMemoryAndProcessor_AreAdjustedWhileItRuns()
    {
        var web = Written.Service("web").Forwarding(8080, 3000);
        var after = web with { Limits = new(64 << 20, 0.5), StopGracePeriod = TimeSpan.FromSeconds(1) };

        Expect(
            StackPlanner.Plan(Written.Stack(after), Seen.Stack(Seen.Running(web))),
            """
            adjust limits of web: limits changed
            update web: stop_grace_period changed
            """);
        Expect(
            StackPlanner.Plan(Written.Stack(web with { Limits = new(null, null, Descriptors: 10) }), Seen.Stack(Seen.Running(web))),
            "swap web: limits changed");
    }

    [Fact]
    public void EveryAspectThatAnInstanceNotices_IsNamedInTheCause()
    {
        var before = Written.Service("web").Mounting("data");
        var after = before with
        {
            Command = ["--verbose"],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "1" },
            Mounts = [new MountSpec.Temporary("/tmp", Written.Somewhere)],
            Limits = new(1 << 20, null, Descriptors: 10),
            Hold = TimeSpan.FromSeconds(1),
        };

        Expect(
            StackPlanner.Plan(Written.Stack(after), Seen.Stack(Seen.Running(before))),
            "restart web: command, environment, volumes, limits, network changed");
    }

    [Fact]
    public void ChangedForwards_RebindAndNeverRestart()
    {
        var before = Written.Service("web").Forwarding(8080, 3000).Forwarding(8081, 3001);
        var after = Written.Service("web").Forwarding(8080, 3000).Forwarding(9090, 3001);

        Expect(
            StackPlanner.Plan(Written.Stack(after), Seen.Stack(Seen.Running(before))),
            """
            reserve ports: 1 forward is not bound
                127.0.0.1:9090 -> web 3001/tcp
            rebind web: forwards changed (after reserve ports)
            """);
    }

    [Fact]
    public void RemovedForward_RebindsWithoutReserving()
    {
        var before = Written.Service("web").Forwarding(8080, 3000).Forwarding(8081, 3001);
        var after = Written.Service("web").Forwarding(8080, 3000);

        Expect(StackPlanner.Plan(Written.Stack(after), Seen.Stack(Seen.Running(before))), "rebind web: forwards changed");
    }

    [Fact]
    public void ForwardToAnotherGuestPort_TakesTheListenerOver()
    {
        var before = Written.Service("web").Forwarding(8080, 3000);
        var after = Written.Service("web").Forwarding(8080, 5000);

        Expect(
            StackPlanner.Plan(Written.Stack(after), Seen.Stack(Seen.Running(before))),
            """
            reserve ports: 1 forward is not bound
                127.0.0.1:8080 -> web 5000/tcp, taken over from web
            rebind web: forwards changed (after reserve ports)
            """);
    }

    [Fact]
    public void ForwardThatMovesToAnotherService_TakesTheListenerOver()
    {
        var blue = Written.Service("blue").Forwarding(8080, 3000);
        var green = Written.Service("green");

        Expect(
            StackPlanner.Plan(
                Written.Stack(Written.Service("blue"), green.Forwarding(8080, 3000)), Seen.Stack(Seen.Running(blue), Seen.Running(green))),
            """
            reserve ports: 1 forward is not bound
                127.0.0.1:8080 -> green 3000/tcp, taken over from blue
            rebind blue: forwards changed (after reserve ports)
            rebind green: forwards changed (after reserve ports)
            """);
    }

    [Fact]
    public void AutomaticPort_PrefersTheRememberedOne()
    {
        var web = Written.Service("web").Forwarding(null, 3000);
        var observed = ObservedStack.Empty with { RememberedPorts = [new("web", 3000, TransportProtocol.Tcp, 23456)] };

        Expect(
            StackPlanner.Plan(Written.Stack(web), observed),
            """
            reserve ports: 1 forward is not bound
                127.0.0.1:23456 or another free port -> web 3000/tcp
            start web: it is declared and was not started yet (after reserve ports)
            """);
    }

    [Fact]
    public void LiveSettings_AreTakenOverWithoutARestart()
    {
        var before = Written.Service("web");
        var after = before with
        {
            Restart = RestartSpec.Never with { Policy = RestartPolicy.Always },
            Logging = new(1 << 20, 5),
            StopGracePeriod = TimeSpan.FromSeconds(3),
        };

        Expect(
            StackPlanner.Plan(Written.Stack(after), Seen.Stack(Seen.Running(before))),
            "update web: restart, logging, stop_grace_period changed");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ServiceOfAProfileThatIsOff_IsNoOrphan(bool removeOrphans)
    {
        var stack = Written.Stack(Written.Service("web")) with { SwitchedOff = ["tool"] };
        var observed = Seen.Stack(Seen.Running(stack.Services[0]), Seen.Running(Written.Service("tool").Forwarding(8080, 3000)));

        Expect(StackPlanner.Plan(StackWish.Up(stack) with { RemoveOrphans = removeOrphans }, observed), "nothing to do");
        Assert.Contains("stop tool", StackPlanner.Plan(StackWish.Down(stack, removeVolumes: false), observed).Actions.Select(action => action.Id));
    }

    [Fact]
    public void OrphanThatDoesNotRun_IsNotSpokenOf() => Expect(
        StackPlanner.Plan(Written.Stack(Written.Service("web")), Seen.Stack(Seen.Running(Written.Service("web")), Seen.In(ServicePhase.Exited, Written.Service("old")))),
        "nothing to do");

    [Fact]
    public void Orphan_StaysUnlessOrphansAreToBeRemoved()
    {
        var web = Written.Service("web").Forwarding(8080, 3000);
        var frontend = Written.Service("frontend").Forwarding(8080, 3000);
        var observed = Seen.Stack(Seen.Running(web)) with
        {
            ModuleHashes = new Dictionary<string, string>(StringComparer.Ordinal) { ["frontend"] = Seen.Content },
        };

        Expect(
            StackPlanner.Plan(Written.Stack(frontend), observed),
            """
            reserve ports: 1 forward is not bound
                127.0.0.1:8080 -> frontend 3000/tcp
            start frontend: it is declared and was not started yet (after reserve ports)
            keep web: the manifest does not declare it, and orphans are not to be removed
            """);
        Expect(
            StackPlanner.Plan(StackWish.Up(Written.Stack(frontend)) with { RemoveOrphans = true }, observed),
            """
            reserve ports: 1 forward is not bound
                127.0.0.1:8080 -> frontend 3000/tcp, taken over from web
            stop web: the manifest does not declare it (after reserve ports)
            release ports of web: the manifest does not declare it (after stop web)
            remove web: the manifest does not declare it (after release ports of web)
            start frontend: it is declared and was not started yet (after reserve ports)
            """);
    }

    [Fact]
    public void Down_StopsDependentsFirstAndRemovesVolumesLast()
    {
        var web = Written.Service("web", "api").Forwarding(8080, 3000);
        var api = Written.Service("api", "db");
        var db = Written.Service("db").Mounting("data");

        Expect(
            StackPlanner.Plan(
                StackWish.Down(Written.Stack(web, api, db), removeVolumes: true),
                Seen.Stack(Seen.Running(db), Seen.In(ServicePhase.Restarting, api), Seen.Running(web))),
            """
            stop web: the stack is to be taken down
            release ports of web: the stack is to be taken down (after stop web)
            remove web: the stack is to be taken down (after release ports of web)
            stop api: the stack is to be taken down (after stop web)
            remove api: the stack is to be taken down (after stop api)
            stop db: the stack is to be taken down (after stop api)
            remove db: the stack is to be taken down (after stop db)
            remove volume data: volumes are to be removed too (after remove web, remove api, remove db)
            """);
    }

    [Fact]
    public void CircularDependencies_AreABugOfTheCaller() => Assert.Throws<ArgumentException>(
        () => StackPlanner.Plan(Written.Stack(Written.Service("a", "b"), Written.Service("b", "a")), ObservedStack.Empty));

    private static void Expect(StackPlan plan, string printed) =>
        Assert.Equal(printed.ReplaceLineEndings("\n") + "\n", PlanPrinter.Print(plan));
}
