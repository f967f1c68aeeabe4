using Wasmrun.Runtimes.Node.Baking;
using Wasmrun.Sandbox;
using Wasmtime;

namespace Wasmrun.Runtimes.Node.Engine;

/// <content>How an engine begins: from nothing, or as another one was at some moment when none of its functions ran.</content>
internal sealed unsafe partial class QuickJs
{
    // What the interpreter may use of its own stack before it throws a RangeError; the guest's machine stack holds that.
    private const int ScriptStackBytes = 512 * 1024;
    private const int GenericMagicPrototype = 1;

    private int _entry;
    private uint _random;
    private EngineMemory? _origin;

    /// <summary>Whether another engine could begin as this one is, and yet have random numbers of its own.</summary>
    public bool CanBeTaken => _random != 0;

    /// <summary>Starts the engine.</summary>
    public void Initialize(HostFunction[] functions)
    {
        Export("_initialize").WrapAction()!();
        if (Export("qjs_init").WrapFunc<int>()!() != 0)
        {
            throw new InvalidOperationException("the JavaScript engine does not start: its memory limit is too small");
        }

        Context = Export("qjs_get_context_ptr").WrapFunc<int>()!();
        Runtime = Export("qjs_get_runtime_ptr").WrapFunc<int>()!();
        Export("qjs_set_max_stack_size").WrapAction<int>()!(ScriptStackBytes);
        Export("qjs_set_interrupt_handler").WrapAction<int>()!(1);
        Export("qjs_set_module_loader").WrapAction<int>()!(1);
        Export("qjs_set_promise_rejection_handler").WrapAction<int>()!(1);
        Scratch = (uint)Allocate(ScratchBytes + 64);
        _arguments = (uint)Allocate(MostCalls * (int)ArgumentBytes);
        _random = RandomState.Find(this);
        Attach(functions);
    }

    /// <summary>Keeps what the engine is now. None of its functions may be running.</summary>
    public (EngineMemory Memory, EngineState State) Take()
    {
        Collect();
        return (EngineMemory.Take(Slice(0, (uint)_memory.GetLength())), new(Context, Runtime, Scratch, _arguments, _entry, _random, _createError.Bits));
    }

    /// <summary>Begins as another engine was, but with random numbers of its own.</summary>
    /// <returns>False when this instance cannot hold that; nothing has changed then.</returns>
    public bool TryRestore(EngineMemory memory, EngineState state, HostFunction[] functions)
    {
        if (TableOf().GetSize() != (uint)state.Entry || !memory.TryRestore(_memory))
        {
            return false;
        }

        // Whether the other one was to stop.
        if (Read<int>(StopFlag.Address) != 0)
        {
            Write(StopFlag.Address, 0);
        }

        _origin = memory;
        (Context, Runtime, Scratch, _arguments, _random, _createError) = (state.Context, state.Runtime, state.Scratch, state.Arguments, state.RandomState, new(state.CreateError));
        Attach(functions);
        Write(_random, RandomState.Fresh());
        return true;
    }

    /// <summary>What <c>Math.random</c> goes on from: it changes with every call.</summary>
    public ulong RandomNumbers => _random == 0 ? 0 : Read<ulong>(_random);

    /// <summary>Calls these host functions from now on, which are the same ones in the same order.</summary>
    public void Use(HostFunction[] functions) => _functions = functions;

    /// <summary>To be called when the program has run for the first time: what it has changed, other instances will change too.</summary>
    public void HasStarted() => _origin?.Learn(Slice(0, (uint)_origin.Length));

    /// <summary>An object whose methods are the host functions, under these names.</summary>
    public JsValue CreateHostObject(IReadOnlyList<string> names)
    {
        var create = Export("JS_NewCFunction2").WrapFunc<int, int, int, int, long, long, long>()!;
        var target = new JsValue(Export("JS_NewObject").WrapFunc<int, long>()!(Context));
        for (var number = 0; number < names.Count; number++)
        {
            var name = AllocateText(names[number], out _);
            _ = _setProperty(Context, target.Bits, name, create(Context, _entry, name, 3, GenericMagicPrototype, number));
            Release(name);
        }

        return target;
    }

    /// <summary>Adds a function to the engine's table and returns its number, which is an address of a function in the guest.</summary>
    public int AddToTable(Function function) => (int)TableOf().Grow(1, function);

    private Table TableOf() => _instance.GetTable("__indirect_function_table") ?? throw new InvalidOperationException("the engine's module has no table");

    private void Attach(HostFunction[] functions)
    {
        _functions = functions;
        Func<int, long, int, int, long, long> dispatch = Dispatch;
        _entry = AddToTable(Function.FromCallback(_store, dispatch));
    }
}
