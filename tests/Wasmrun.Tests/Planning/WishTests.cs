using Wasmrun.Manifest.Specs;
using Wasmrun.Planning;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Wishes;

namespace Wasmrun.Tests.Planning;

public sealed class WishTests
{
    private static readonly ServiceSpec s_web = Written.Service("web", "db").Forwarding(8080, 3000);
    private static readonly ServiceSpec s_db = Written.Service("db");

    [Theory]
    [InlineData(ServicePhase.Exited)]
    [InlineData(ServicePhase.Failed)]
    public void ServiceThatEnded_IsLeftAloneUntilItIsAskedForAgain(ServicePhase phase)
    {
        var observed = Seen.Stack(Seen.Running(s_web), Seen.In(phase, s_db));

        Expect(Plan(observed), "nothing to do");
        Expect(
            Plan(observed, db: new(ServiceTarget.Running, new(2, 0))),
            $"start db: it is to run and has {phase.ToString().ToLowerInvariant()}");
    }

    [Fact]
    public void RestartRequest_IsServedOnce()
    {
        var asked = new ServiceWish(ServiceTarget.Running, new(1, 1));
        var before = Seen.Running(s_web);

        Expect(Plan(Seen.Stack(before, Seen.Running(s_db)), web: asked), "swap web: a restart was asked for");
        Expect(Plan(Seen.Stack(before with { Served = new(1, 1) }, Seen.Running(s_db)), web: asked), "nothing to do");
    }

    [Fact]
    public void RestartOfADependency_RestartsWhoWantsToRestartWithIt()
    {
        var web = s_web with { DependsOn = [Written.Dependency("db", restart: true)] };
        var wish = StackWish.Up(Written.Stack(web, s_db)) with { Services = Wishes(db: new(ServiceTarget.Running, new(1, 1))) };

        Expect(
            StackPlanner.Plan(wish, Seen.Stack(Seen.Running(web), Seen.Running(s_db))),
            """
            restart db: a restart was asked for
            swap web: 'db', which it depends on, restarts (after restart db)
            """);
    }

    [Fact]
    public void Stop_ClosesForwardsAndKeepsTheService() => Expect(
        Plan(Seen.Stack(Seen.Running(s_web), Seen.Running(s_db)), web: new(ServiceTarget.Stopped, new(1, 0))),
        """
        stop web: it is to be stopped
        release ports of web: it is to be stopped (after stop web)
        """);

    [Fact]
    public void StopOfEverything_StopsDependentsFirst() => Expect(
        Plan(
            Seen.Stack(Seen.Running(s_db), Seen.Running(s_web)),
            web: new(ServiceTarget.Stopped, new(1, 0)),
            db: new(ServiceTarget.Stopped, new(1, 0))),
        """
        stop web: it is to be stopped
        release ports of web: it is to be stopped (after stop web)
        stop db: it is to be stopped (after stop web)
        """);

    [Fact]
    public void StartOfAStoppedService_BindsItsForwardsAgain() => Expect(
        Plan(Seen.Stack(Seen.In(ServicePhase.Stopped, s_web), Seen.Running(s_db)), web: new(ServiceTarget.Running, new(2, 0))),
        """
        reserve ports: 1 forward is not bound
            127.0.0.1:8080 -> web 3000/tcp
        start web: it is to run and has stopped (after reserve ports)
        """);

    [Fact]
    public void ServiceOutsideTheWish_IsNotTouched()
    {
        var wish = StackWish.Up(Written.Stack(s_web.With("A", "1"), s_db)) with
        {
            Services = new Dictionary<string, ServiceWish>(StringComparer.Ordinal) { ["db"] = new(ServiceTarget.Running, new(1, 0)) },
        };

        Expect(
            StackPlanner.Plan(wish, Seen.Stack(Seen.Running(s_web))),
            "start db: it is declared and was not started yet");
    }

    private static StackPlan Plan(ObservedStack observed, ServiceWish? web = null, ServiceWish? db = null) =>
        StackPlanner.Plan(StackWish.Up(Written.Stack(s_web, s_db)) with { Services = Wishes(web, db) }, observed);

    private static Dictionary<string, ServiceWish> Wishes(ServiceWish? web = null, ServiceWish? db = null) => new(StringComparer.Ordinal)
    {
        ["web"] = web ?? new(ServiceTarget.Running, new(1, 0)),
        ["db"] = db ?? new(ServiceTarget.Running, new(1, 0)),
    };

    private static void Expect(StackPlan plan, string printed) =>
        Assert.Equal(printed.ReplaceLineEndings("\n") + "\n", PlanPrinter.Print(plan));
}
