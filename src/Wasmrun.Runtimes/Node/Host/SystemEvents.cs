using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>What comes to a guest from outside of its network: the wish that it ends, and its standard input. Neither is waited for before the program asks.</summary>
internal sealed class SystemEvents(DrivenGuest guest, Callbacks callbacks)
{
    private const int StandardInput = 0;
    private const int NotPolled = -1;
    private const uint ReadBytes = 65536;

    private int _termination = NotPolled;
    private int _terminationIndex = NotPolled;
    private int _inputIndex = NotPolled;
    private bool _isReading;

    public void Register(HostTable table)
    {
        table.Add("listenForTermination", (in HostCall _) =>
        {
            HostErrorException.ThrowIf(guest.Network.Stop.Termination.Listen(out _termination), "signal");
            return JsValue.Undefined;
        });
        table.Add("readInput", (in HostCall call) =>
        {
            _isReading = call.Flag(0);
            return JsValue.Undefined;
        });
    }

    /// <summary>Adds what is waited for.</summary>
    public void AddTo(PollSet set)
    {
        _terminationIndex = _termination < 0 ? NotPolled : set.Add(_termination, PollEvents.Read);
        _inputIndex = !_isReading ? NotPolled
            : guest.Options.StandardInput is { } source ? set.Add(source, PollEvents.Read)
            : set.AddReady(PollEvents.HangUp);
    }

    /// <summary>Tells the program what the last wait has found.</summary>
    public void Fire(PollSet set, QuickJs engine, Action<JsValue> check)
    {
        if (_terminationIndex >= 0 && set.Ready(_terminationIndex) != PollEvents.None && guest.Network.Stop.Termination.TryTake())
        {
            check(engine.Call(callbacks["terminate"]));
        }

        if (_inputIndex >= 0 && _isReading && set.Ready(_inputIndex) != PollEvents.None)
        {
            var error = guest.Files.Read(StandardInput, engine.Slice(engine.Scratch, ReadBytes), -1, out var count);
            var data = error == Errno.None && count > 0 ? engine.NewBytes(engine.Scratch, (uint)count) : JsValue.Null;
            _isReading &= data.IsObject;
            check(engine.Call(callbacks["input"], data));
            engine.Free(data);
        }
    }
}
