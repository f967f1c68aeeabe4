using System.Text;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Runtimes.Node.Host;
using Wasmrun.Sandbox;
using Wasmtime;

namespace Wasmrun.Runtimes.Node;

/// <summary>Runs a Node.js project: starts the JavaScript engine, the core modules on it, the project's entry, and the event loop.</summary>
internal sealed class NodeDriver(NodeProgram program) : IGuestDriver
{
    private readonly Callbacks _callbacks = new();
    private QuickJs? _engine;
    private DrivenGuest? _guest;
    private ScriptFunctions? _script;
    private Outbox? _outbox;

    private QuickJs Engine => _engine ?? throw new InvalidOperationException("the engine is not there yet");

    /// <inheritdoc />
    public void Define(Linker linker)
    {
        linker.DefineFunction("env", "host_get_timezone_offset", (int _, int _) => 0);
        linker.DefineFunction("env", "host_interrupt", LookUp);
        linker.DefineFunction("env", "host_promise_rejection", (Action<int, int, int>)RejectionChanged);
        linker.DefineFunction("env", "host_module_normalize", (Func<int, int, int>)ResolveModule);
        linker.DefineFunction("env", "host_module_load", (Func<int, int, int>)LoadModule);
        linker.DefineFunction("env", "host_call", (int _, int _, int _, int _, long _) => 0);
    }

    /// <inheritdoc />
    public int Run(DrivenGuest guest)
    {
        _guest = guest;
        var engine = _engine = new QuickJs(guest.Store, guest.Instance);
        var outbox = _outbox = new Outbox(guest.Time);
        var table = new HostTable(outbox.Send);
        var process = new ProcessFunctions(guest, program);
        var contexts = new ContextFunctions(guest.Store);
        var script = _script = new ScriptFunctions(contexts, guest.Time);
        var handles = new NetHandles(guest, engine, outbox);
        var system = new SystemEvents(guest, _callbacks);
        var variables = new EnvironmentFunctions(guest);
        _callbacks.Register(table);
        variables.Register(table);
        process.Register(table);
        script.Register(table);
        system.Register(table);
        var names = new NameResolver(guest);
        new NetFunctions(guest, handles, names, outbox).Register(table);
        new DatagramFunctions(guest, handles, names).Register(table);
        contexts.Register(table);
        new FileFunctions(guest.Files, handles, guest.Network.Stop).Register(table);
        new WatchFunctions(guest.Files, guest.Network.Stop).Register(table);
        new TypeFunctions(program.Types, guest).Register(table);
        CodecFunctions.Register(table, guest.Network.Stop);
        new CryptoFunctions(guest.Network.Stop).Register(table);
        new AesFunctions(guest.Network.Stop).Register(table);
        new DerivationFunctions(guest).Register(table);
        new DigestFunctions(guest.Network.Stop).Register(table);
        KeyFunctions.Register(table, guest);
        using var zlib = new ZlibFunctions(guest);
        zlib.Register(table);
        try
        {
            new NodeStart(guest, program, engine, table, _callbacks) { Contexts = contexts, Script = script, Variables = variables }.Begin();
            using var loop = new EventLoop(engine, _callbacks, script, process, handles, system, guest, outbox);
            loop.Run();
            return 0;
        }
        catch (GuestExitException e)
        {
            return e.Code;
        }
        catch (WasmtimeException e) when (e.InnerException is GuestExitException exit)
        {
            return exit.Code;
        }
        finally
        {
            outbox.Send();
        }
    }

    /// <summary>Called by the engine now and then while JavaScript runs; answers whether what runs is to be ended.</summary>
    private int LookUp()
    {
        _guest?.LookUp();
        _outbox?.Send();
        return _script is { IsOverdue: true } ? 1 : 0;
    }

    private void RejectionChanged(int promise, int reason, int handled)
    {
        var arguments = new[] { Engine.Unbox(promise), Engine.Unbox(reason), JsValue.From(handled != 0) };
        Engine.Free(Engine.Call(_callbacks["rejection"], arguments));
        Engine.Free(arguments[0]);
        Engine.Free(arguments[1]);
    }

    private int ResolveModule(int importer, int name) => CallLoader("resolveModule", [ReadName(importer), ReadName(name)], out _);

    private int LoadModule(int name, int lengthPlace)
    {
        var text = CallLoader("loadModule", [ReadName(name)], out var length);
        Engine.Write((uint)lengthPlace, length);
        return text;
    }

    /// <summary>Calls the loader, whose answer goes into memory that the engine frees; 0 leaves its exception waiting.</summary>
    private int CallLoader(string callback, string[] texts, out uint length)
    {
        length = 0;
        var arguments = texts.Select(Engine.NewText).ToArray();
        var result = Engine.Call(_callbacks[callback], arguments);
        foreach (var argument in arguments)
        {
            Engine.Free(argument);
        }

        if (result.IsException)
        {
            return 0;
        }

        var text = Engine.ToText(result);
        Engine.Free(result);
        return Engine.AllocateText(text, out length);
    }

    private string ReadName(int address)
    {
        var length = 0u;
        while (Engine.Read<byte>((uint)address + length) != 0)
        {
            length++;
        }

        return Encoding.UTF8.GetString(Engine.Slice((uint)address, length));
    }
}
