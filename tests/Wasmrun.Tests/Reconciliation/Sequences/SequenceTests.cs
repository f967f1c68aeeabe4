using System.Globalization;
using CsCheck;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation.Sequences;

/// <summary>
/// Whatever is done to a stack, and whatever happens to it, in whatever order: what is wished is reached, the forwards of what is
/// wished to run are held all the time, and nothing is left at the end.
/// </summary>
public sealed class SequenceTests
{
    /// <summary>How many sequences are run; more of them than usual when this variable says so.</summary>
    private const string CountVariable = "WASMRUN_TESTS_SEQUENCES";

    private const int UsualCount = 200;

    private const int All = 7;

    private static readonly Gen<Step> s_step =
        from kind in Gen.Enum<StepKind>()
        from service in Gen.Int[0, 2]
        from replicas in Gen.Int[0, 3]
        from declared in Gen.Int[1, All]
        from variant in Gen.Int[0, 31]
        from isHurried in Gen.Bool
        select new Step(kind, service, replicas, declared, variant, isHurried);

    private static int Count =>
        int.TryParse(Environment.GetEnvironmentVariable(CountVariable), CultureInfo.InvariantCulture, out var count) ? count : UsualCount;

    [Fact]
    public async Task AnySequence_ReachesTheWish_HoldsTheForwards_AndLeavesNothing() =>
        await s_step.Array[1, 16].SampleAsync(RunAsync, iter: Count);

    private static async Task RunAsync(Step[] steps)
    {
        await using var model = new SequenceModel(await SequenceRunner.StartAsync(new TemporaryFolder()));
        model.Apply(All, variant: 0);
        await model.CompareAsync();
        foreach (var step in steps)
        {
            await model.StepAsync(step);
        }

        await model.DownAsync();
    }
}
