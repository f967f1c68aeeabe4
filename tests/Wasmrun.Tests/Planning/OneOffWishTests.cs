using Wasmrun.Manifest.Specs;
using Wasmrun.Planning;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Wishes;

namespace Wasmrun.Tests.Planning;

public sealed class OneOffWishTests
{
    private static readonly ServiceSpec s_db = Written.Service("db");
    private static readonly ServiceSpec s_seed = Written.Service("seed");
    private static readonly ServiceSpec s_web = Written.Service("web") with
    {
        DependsOn = [Written.Dependency("db", restart: true), Written.Dependency("seed", DependencyCondition.CompletedSuccessfully)],
    };

    private static readonly ServiceSpec s_once = s_web with { Name = "once", OneOffOf = "web" };

    [Fact]
    public void WhatItNeeds_IsStarted_UnlessItHasDoneItsWork()
    {
        var former = StackWish.Up(Written.Stack(s_web, s_db, s_seed));
        var wish = OneOffWishes.Add(former, former.Stack, s_once, hasEnded: name => name is "db" or "seed" or "web");

        Expect(
            StackPlanner.Plan(wish, Seen.Stack(Seen.In(ServicePhase.Exited, s_db), Seen.In(ServicePhase.Exited, s_seed), Seen.In(ServicePhase.Exited, s_web))),
            """
            start db: it is to run and has exited
            start once: 'web' is to be run once more (after start db)
            """);
    }

    [Fact]
    public void WhatRuns_StaysAsItIs_WhateverTheManifestSaysByNow()
    {
        var former = StackWish.Up(Written.Stack(s_web, s_db, s_seed));
        var changed = Written.Stack(s_web with { DependsOn = [] }, s_db.With("A", "b") with { DependsOn = [Written.Dependency("web")] }, s_seed);
        var observed = Seen.Stack(Seen.Running(s_web), Seen.Running(s_db), Seen.In(ServicePhase.Exited, s_seed));

        Expect(StackPlanner.Plan(OneOffWishes.Add(former, changed, s_once, hasEnded: name => name == "seed"), observed), "start once: 'web' is to be run once more");
    }

    [Theory]
    [InlineData(false, "start once: 'web' is to be run once more")]
    [InlineData(true, """
        reserve ports: 1 forward is not bound
            127.0.0.1:8081 -> db 3000/tcp
        start db: it is to run and has stopped (after reserve ports)
        start once: 'web' is to be run once more (after reserve ports, start db)
        """)]
    public void WhatWasScaledToNothing_StaysSo_UnlessItIsNeeded(bool isNeeded, string expected)
    {
        var db = s_db.Forwarding(8080, 3000);
        var former = WishChanges.Scale(StackWish.Up(Written.Stack(db)), new Dictionary<string, int>(StringComparer.Ordinal) { ["db"] = 0 }, withDependencies: true);
        var stopped = Seen.In(ServicePhase.Stopped, db) with { Served = former.Services["db"].Asked };
        var once = s_once with { DependsOn = isNeeded ? [Written.Dependency("db")] : [] };

        var wish = OneOffWishes.Add(former, Written.Stack(s_db.Forwarding(8081, 3000)), once, hasEnded: name => name == "db");

        Expect(StackPlanner.Plan(wish, Seen.Stack(stopped)), expected);
    }

    [Fact]
    public void Begun_ItIsNeitherChangedNorStartedAgain()
    {
        var wish = OneOffWishes.Add(former: null, Written.Stack(s_db, s_seed), s_once, hasEnded: _ => false);
        var seen = new[] { Seen.In(ServicePhase.Exited, s_seed), Seen.Running(s_db) with { Served = new(1, 0) } };
        wish = WishChanges.Restart(wish, ["db"], gracePeriod: null);

        Expect(StackPlanner.Plan(wish, Seen.Stack([.. seen, Seen.Running(s_once.With("A", "b"))])), "restart db: a restart was asked for");
        Expect(StackPlanner.Plan(wish, Seen.Stack([.. seen, Seen.In(ServicePhase.Failed, s_once)])), "restart db: a restart was asked for");
    }

    [Fact]
    public void NoLongerWished_ItIsRemoved_AndIsNoOrphan()
    {
        var wish = OneOffWishes.Remove(OneOffWishes.Add(StackWish.Up(Written.Stack(s_db)), Written.Stack(s_db), s_once, hasEnded: _ => false), "once");
        var plan = StackPlanner.Plan(wish, Seen.Stack(Seen.Running(s_db), Seen.Running(s_once)));

        Expect(
            plan,
            """
            stop once: it was to run once, and nobody wants it any more
            remove once: it was to run once, and nobody wants it any more (after stop once)
            """);
        Assert.Empty(plan.Orphans);
    }

    [Fact]
    public void Apply_KeepsIt()
    {
        var former = OneOffWishes.Add(StackWish.Up(Written.Stack(s_db)), Written.Stack(s_db), s_once, hasEnded: _ => false);

        var wish = WishChanges.Apply(former, Written.Stack(s_db), selected: [], withDependencies: true, isForced: true, removeOrphans: true);

        Assert.Equal(s_once, Assert.Single(OneOffWishes.Of(wish)));
        Assert.Equal(former.Services["once"], wish.Services["once"]);
    }

    [Theory]
    [InlineData("db")]
    [InlineData("db-12")]
    [InlineData("other")]
    public void NameOfSomethingElse_IsRefused(string name)
    {
        var stack = Written.Stack(s_db with { Aliases = [new("default", "other")] });

        Assert.NotNull(OneOffWishes.Complain(former: null, stack, s_once with { Name = name }, hasEnded: _ => false));
        Assert.Null(OneOffWishes.Complain(former: null, stack, s_once with { Name = "db-x" }, hasEnded: _ => false));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ExclusiveVolume_IsForOneAtATime(bool hasEnded)
    {
        var db = s_db.Mounting("data");
        var stack = Written.Stack(db);
        stack = stack with { Volumes = [.. stack.Volumes.Select(volume => volume with { Exclusive = true })] };

        var complaint = OneOffWishes.Complain(StackWish.Up(stack), stack, db with { Name = "once", OneOffOf = "db" }, _ => hasEnded);

        Assert.Equal(hasEnded, complaint is null);
    }

    private static void Expect(StackPlan plan, string expected) =>
        Assert.Equal(expected.ReplaceLineEndings("\n"), PlanPrinter.Print(plan).TrimEnd());
}
