using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Runtimes.Node.Host;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node;

/// <summary>
/// The event loop of one guest: timers and immediates as its control block says, then whatever the network has, until nothing
/// is left that could happen.
/// </summary>
internal sealed class EventLoop(QuickJs engine, Callbacks callbacks, ScriptFunctions script, ProcessFunctions process, NetHandles net, SystemEvents system, DrivenGuest guest, Outbox outbox) : IDisposable
{
    private const uint ImmediatesOffset = 0;
    private const uint ReferencesOffset = 4;
    private const uint DeadlineOffset = 8;
    private const uint NowOffset = 16;
    private const uint LeavingOffset = 24;
    private const double NanosecondsPerMillisecond = 1e6;

    private readonly PollSet _poll = new(guest.Network.Stop);

    // Made once: a turn of the loop allocates nothing.
    private NetHandles.Teller? _tell;
    private Action<JsValue>? _check;

    public void Dispose() => _poll.Dispose();

    private bool HasImmediates => engine.Read<int>(script.Control + ImmediatesOffset) != 0;

    private bool IsAlive => engine.Read<int>(script.Control + ReferencesOffset) > 0;

    private double Deadline => engine.Read<double>(script.Control + DeadlineOffset);

    /// <summary>Runs the entry of the program, and then until it ends.</summary>
    /// <exception cref="GuestExitException">It ended, as itself or wrapped by the WebAssembly engine.</exception>
    public void Run()
    {
        Invoke("start");
        engine.HasStarted();
        while (true)
        {
            var deadline = Deadline;
            if (HasImmediates || (deadline >= 0 && deadline <= process.Now))
            {
                Invoke("turn", JsValue.From(process.Now));
            }

            if (!IsAlive && !HasImmediates)
            {
                Invoke("idle");
                if (!IsAlive && !HasImmediates)
                {
                    Invoke("end");
                }
            }

            Poll();
        }
    }

    /// <summary>Waits until something happens or a timer is due, and tells the program.</summary>
    private void Poll()
    {
        guest.LookUp();
        outbox.Send();
        _poll.Clear();
        net.AddTo(_poll);
        system.AddTo(_poll);
        _ = _poll.Wait(Timeout());
        engine.Write(script.Control + NowOffset, process.Now);
        engine.Write(script.Control + LeavingOffset, guest.Network.IsAccepting ? 0 : 1);
        net.Fire(_poll, _tell ??= Fire);
        system.Fire(_poll, engine, _check ??= Check);
    }

    private long Timeout()
    {
        if (HasImmediates)
        {
            return 0;
        }

        var deadline = Deadline;
        return deadline < 0 ? -1 : (long)(Math.Max(0, deadline - process.Now) * NanosecondsPerMillisecond);
    }

    /// <summary>Brings one event to the handle that it is for.</summary>
    private void Fire(NetEvent kind, int handle, JsValue data, JsValue more)
    {
        var result = engine.Call(callbacks["dispatch"], JsValue.From((int)kind), JsValue.From(handle), data, more);
        engine.Free(data);
        engine.Free(more);
        Check(result);
    }

    private void Invoke(string callback, params ReadOnlySpan<JsValue> arguments) => Check(engine.Call(callbacks[callback], arguments));

    private void Check(JsValue result)
    {
        if (result.IsException)
        {
            // Only what goes wrong in the core modules themselves comes here: they catch what the program throws.
            var error = engine.TakeException();
            throw new InvalidOperationException($"the core modules failed: {engine.ToText(error)}");
        }

        engine.Free(result);
    }
}
