using CsCheck;
using Wasmrun.Planning;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Ports;
using Wasmrun.Planning.Wishes;

namespace Wasmrun.Tests.Planning;

public sealed class ConvergenceTests
{
    [Fact]
    public void PlanThenExecute_ReachesTheWishFromAnyObservedState() => Gen.Select(Gens.Wish, Gens.Observation).Sample(
        (wish, observed) =>
        {
            if (!IsPossible(wish, observed))
            {
                return;
            }

            var reached = Executed.After(StackPlanner.Plan(wish, observed), wish, observed);

            Assert.Equal("nothing to do\n", PlanPrinter.Print(StackPlanner.Plan(wish, reached) with { Orphans = [] }));
            Assert.All(wish.Services, wanted => ExpectReached(wanted.Key, wanted.Value, wish, reached));
            ExpectOrphans(wish, observed, reached);
        },
        iter: 4_000);

    [Fact]
    public void Down_LeavesNothingFromAnyObservedState() => Gens.Observation.Sample(
        observed =>
        {
            var wish = StackWish.Down(Written.Stack(), removeVolumes: true);

            var reached = Executed.After(StackPlanner.Plan(wish, observed), wish, observed);

            Assert.Empty(reached.Services);
            Assert.Empty(reached.Volumes);
        },
        iter: 1_000);

    /// <summary>A port that a service outside the wish holds cannot be had; the reservation says so, and there is no plan to execute.</summary>
    private static bool IsPossible(StackWish wish, ObservedStack observed)
    {
        var wanted = wish.Stack.Services
            .Where(service => wish.Services.TryGetValue(service.Name, out var target) && target.Target == ServiceTarget.Running)
            .SelectMany(service => service.Forwards)
            .Select(forward => forward.HostPort)
            .ToHashSet();
        return observed.Services
            .Where(service => !wish.Services.ContainsKey(service.Name))
            .Where(service => !wish.RemoveOrphans || wish.Stack.Services.Any(declared => declared.Name == service.Name))
            .SelectMany(service => service.Forwards)
            .All(forward => !wanted.Contains(forward.HostPort));
    }

    private static void ExpectReached(string name, ServiceWish wanted, StackWish wish, ObservedStack reached)
    {
        var spec = wish.Stack.Services.Single(service => service.Name == name);
        var service = reached.Services.SingleOrDefault(service => service.Name == name);
        if (wanted.Target == ServiceTarget.Stopped || spec.Replicas == 0)
        {
            Assert.False(service?.IsActive ?? false);
            Assert.Empty(service?.Forwards ?? []);
            return;
        }

        Assert.NotNull(service);
        Assert.True(ForwardMatch.Of(spec.Forwards, service.Forwards).IsExact, $"{name} holds other forwards than it is to hold");
        if (service.IsActive)
        {
            Assert.Equal(spec.Environment["A"], service.Spec.Environment["A"]);
            Assert.Equal("new", service.Fingerprint!.Module);
            Assert.Equal(spec.Replicas, service.Replicas.Count(phase => phase != ServicePhase.Created));
        }
        else
        {
            Assert.True(service.Phase is ServicePhase.Exited or ServicePhase.Failed or ServicePhase.Stopped, $"{name} was not started");
        }
    }

    private static void ExpectOrphans(StackWish wish, ObservedStack observed, ObservedStack reached)
    {
        var declared = wish.Stack.Services.Select(service => service.Name).ToHashSet(StringComparer.Ordinal);
        var orphans = observed.Services.Where(service => !declared.Contains(service.Name)).ToList();
        foreach (var orphan in orphans)
        {
            var left = reached.Services.SingleOrDefault(service => service.Name == orphan.Name);
            if (wish.RemoveOrphans)
            {
                Assert.Null(left);
            }
            else if (orphan.Phase == ServicePhase.Stopping)
            {
                Assert.Equal((ServicePhase.Stopped, 0), (left?.Phase, left?.Forwards.Count));
            }
            else
            {
                Assert.Equal(orphan, left);
            }
        }
    }
}
