using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Engine;

/// <summary>Measures by how much an engine's epoch moves: by exactly n when a guest with the deadline n meets it, and one with n + 1 does not.</summary>
internal sealed class EpochProbe(Wasmtime.Engine engine) : IDisposable
{
    private readonly Module _module = Module.FromText(engine, "probe", "(module (func (export \"look\")))");

    public bool MovesBy(ulong ticks, Action action)
    {
        using var enough = new Store(engine);
        using var tooFew = new Store(engine);
        var meetsEnough = Deadline(enough, ticks);
        var meetsTooFew = Deadline(tooFew, ticks + 1);
        action();
        return meetsEnough() && !meetsTooFew();
    }

    public void Dispose() => _module.Dispose();

    private Func<bool> Deadline(Store store, ulong ticks)
    {
        var met = false;
        store.SetEpochDeadline(ulong.MaxValue / 2);
        var look = new Instance(store, _module).GetAction("look")!;
        store.SetEpochDeadline(ticks);
        store.SetEpochDeadlineCallback(_ =>
        {
            met = true;
            return 1;
        });
        return () =>
        {
            look();
            return met;
        };
    }
}
