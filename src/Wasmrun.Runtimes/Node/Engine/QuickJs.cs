using System.Runtime.CompilerServices;
using System.Text;
using Wasmtime;

namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>
/// The JavaScript engine of one guest, through the raw functions that its module exports, whose whole numbers after the fourth are
/// 64 bits wide (<see cref="Modules.WideArguments"/>). Every host function comes in through one function of the guest's table, told apart by a number. On the guest's thread only.
/// </summary>
internal sealed unsafe partial class QuickJs
{
    /// <summary>How many bytes there are at <see cref="Scratch"/>.</summary>
    public const int ScratchBytes = 1 << 17;

    private const uint ArgumentBytes = 8 * sizeof(long);
    private const int MostCalls = 256;

    // Where the engine of the lock keeps what is read out of its memory: in its lists, its runtime, and every object.
    private const uint ListNextOffset = 4;
    private const uint FrameOffset = 0x294;
    private const uint JobsOffset = 0x2b4;
    private const uint ClassOffset = 10;
    private const uint DataOffset = 24;

    private readonly Instance _instance;
    private readonly Memory _memory;
    private readonly Store _store;
    private readonly Action<int, long> _free;
    private readonly Func<int, long, long> _duplicate;
    private readonly Func<int, int, int, long> _newString;
    private readonly Func<int, int, int, long> _newBytes;
    private readonly Func<int, int, long, int, int> _toText;
    private readonly Action<int, int> _freeText;
    private readonly Func<int, int, long, int> _bytesOf;
    private readonly Func<int, long, long, int, long, long> _call;
    private readonly Func<int> _runJob;
    private readonly Func<int, int> _allocate;
    private readonly Action<int> _release;
    private readonly Func<int, long> _getException;
    private readonly Func<int, long, long> _throw;
    private readonly Func<int, long, int, long, int> _setProperty;
    private readonly Func<int, int, int, int, int> _evaluate;
    private readonly Action<int> _freeBox;
    private readonly byte* _start;
    private long _length;
    private uint _arguments;
    private int _calls;
    private HostFunction[] _functions = [];
    private JsValue _createError = JsValue.Undefined;

    public QuickJs(Store store, Instance instance)
    {
        _store = store;
        _instance = instance;
        _memory = instance.GetMemory("memory") ?? throw new InvalidOperationException("the engine's module has no memory");
        _start = (byte*)_memory.GetPointer();
        _length = _memory.GetLength();
        _free = Export("JS_FreeValue").WrapAction<int, long>()!;
        _duplicate = Export("JS_DupValue").WrapFunc<int, long, long>()!;
        _newString = Export("JS_NewStringLen").WrapFunc<int, int, int, long>()!;
        _newBytes = Export("JS_NewUint8ArrayCopy").WrapFunc<int, int, int, long>()!;
        _toText = Export("JS_ToCStringLen2").WrapFunc<int, int, long, int, int>()!;
        _freeText = Export("JS_FreeCString").WrapAction<int, int>()!;
        _bytesOf = Export("JS_GetUint8Array").WrapFunc<int, int, long, int>()!;
        _call = Export("JS_Call").WrapFunc<int, long, long, int, long, long>()!;
        _runJob = Export("qjs_execute_pending_job").WrapFunc<int>()!;
        _allocate = Export("wasm_malloc").WrapFunc<int, int>()!;
        _release = Export("wasm_free").WrapAction<int>()!;
        _getException = Export("JS_GetException").WrapFunc<int, long>()!;
        _throw = Export("JS_Throw").WrapFunc<int, long, long>()!;
        _setProperty = Export("JS_SetPropertyStr").WrapFunc<int, long, int, long, int>()!;
        _evaluate = Export("qjs_eval").WrapFunc<int, int, int, int, int>()!;
        _freeBox = Export("qjs_free_value").WrapAction<int>()!;
    }

    /// <summary>Address of the engine's context in the guest's memory.</summary>
    public int Context { get; private set; }

    /// <summary>Address of the engine's runtime in the guest's memory.</summary>
    public int Runtime { get; private set; }

    /// <summary>Address of the innermost running function's frame, 0 when none runs.</summary>
    public uint CurrentFrame => Read<uint>((uint)Runtime + FrameOffset);

    /// <summary>The job that is run next, null when there is none.</summary>
    public PendingJob? NextJob => FirstOf((uint)Runtime + JobsOffset) is var job and not 0 ? new(this, job) : null;

    /// <summary>Where host functions may put bytes for one call of the engine: 128 KiB.</summary>
    public uint Scratch { get; private set; }

    /// <summary>Bytes of memory that the guest has now.</summary>
    public long MemoryBytes => _memory.GetLength();

    /// <summary>The function that makes JavaScript errors out of <see cref="HostErrorException"/>.</summary>
    public void UseErrors(JsValue createError) => _createError = Duplicate(createError);

    public Function Export(string name) =>
        _instance.GetFunction(name) ?? throw new InvalidOperationException($"the engine's module has no function '{name}'");

    public T Read<T>(uint address)
        where T : unmanaged => Unsafe.ReadUnaligned<T>(ref Slice(address, (uint)sizeof(T))[0]);

    public void Write<T>(uint address, T value)
        where T : unmanaged => Unsafe.WriteUnaligned(ref Slice(address, (uint)sizeof(T))[0], value);

    /// <summary>Bytes of the guest's memory, checked: the engine inside is as little trusted as what it runs.</summary>
    public Span<byte> Slice(uint address, uint length)
    {
        if ((ulong)address + length > (ulong)_length)
        {
            _length = _memory.GetLength();
            if ((ulong)address + length > (ulong)_length)
            {
                throw new InvalidOperationException("the JavaScript engine named a place outside of its memory");
            }
        }

        return new(_start + address, (int)length);
    }

    public JsValue Duplicate(JsValue value) => value.IsCounted ? new(_duplicate(Context, value.Bits)) : value;

    public void Free(JsValue value)
    {
        if (value.IsCounted)
        {
            _free(Context, value.Bits);
        }
    }

    /// <summary>Takes a value out of the box in which some of the engine's functions answer.</summary>
    public JsValue Unbox(int box)
    {
        var value = Duplicate(new(Read<long>((uint)box)));
        _freeBox(box);
        return value;
    }

    public JsValue NewText(string text)
    {
        if (text.Length * 3 <= ScratchBytes)
        {
            return NewText(Scratch, (uint)Encoding.UTF8.GetBytes(text, Slice(Scratch, ScratchBytes)));
        }

        var address = AllocateText(text, out var length);
        var value = NewText((uint)address, length);
        Release(address);
        return value;
    }

    /// <summary>A string of UTF-8 that lies in the guest's memory.</summary>
    public JsValue NewText(uint address, uint length) => new(_newString(Context, (int)address, (int)length));

    public JsValue NewText(ReadOnlySpan<byte> utf8) => WithCopy(utf8, _newString);

    /// <summary>A <c>Uint8Array</c> with a copy of these bytes.</summary>
    public JsValue NewBytes(ReadOnlySpan<byte> bytes) => WithCopy(bytes, _newBytes);

    /// <summary>A <c>Uint8Array</c> with a copy of bytes that lie in the guest's memory.</summary>
    public JsValue NewBytes(uint address, uint length) => new(_newBytes(Context, (int)address, (int)length));

    public string ToText(JsValue value)
    {
        var address = OpenText(value, out var length);
        var text = Encoding.UTF8.GetString(Slice(address, length));
        CloseText(address);
        return text;
    }

    /// <summary>A string as UTF-8 in the guest's memory, until <see cref="CloseText"/>.</summary>
    public uint OpenText(JsValue value, out uint length)
    {
        var address = _toText(Context, (int)Scratch + ScratchBytes, value.Bits, 0);
        if (address == 0)
        {
            Free(TakeException());
            throw new HostErrorException("ERR_INVALID_ARG_TYPE", "The argument cannot be converted to a string");
        }

        length = Read<uint>(Scratch + ScratchBytes);
        return (uint)address;
    }

    public void CloseText(uint address) => _freeText(Context, (int)address);

    public Span<byte> BytesOf(JsValue value)
    {
        var address = value.IsObject ? _bytesOf(Context, (int)Scratch + ScratchBytes, value.Bits) : 0;
        var length = address == 0 ? 0 : Read<uint>(Scratch + ScratchBytes);
        if (address == 0 && value.IsObject)
        {
            Free(TakeException());
        }

        return address == 0 ? [] : Slice((uint)address, length);
    }

    /// <summary>Address of a typed array's bytes; it stays as long as the array is not freed.</summary>
    public uint AddressOf(JsValue value) => (uint)_bytesOf(Context, (int)Scratch + ScratchBytes, value.Bits);

    public int Allocate(int bytes) => TryAllocate(bytes, out var address) ? address : throw new HostErrorException("ERR_OUT_OF_MEMORY", "out of memory");

    /// <summary>Takes bytes of the guest's memory, until <see cref="Release"/>.</summary>
    /// <returns>False when it has no room.</returns>
    public bool TryAllocate(int bytes, out int address) => (address = _allocate(bytes)) != 0;

    public void Release(int address) => _release(address);

    /// <summary>Puts a zero-terminated copy into the guest's memory.</summary>
    public int AllocateText(string text, out uint length)
    {
        length = (uint)Encoding.UTF8.GetByteCount(text);
        var address = Allocate((int)length + 1);
        var place = Slice((uint)address, length + 1);
        Encoding.UTF8.GetBytes(text, place);
        place[^1] = 0;
        return address;
    }

    /// <summary>Runs a script and answers its last value, or an exception that waits to be taken.</summary>
    public JsValue Evaluate(string source, string file)
    {
        var text = AllocateText(source, out var length);
        var value = Evaluate((uint)text, length, file);
        Release(text);
        return value;
    }

    /// <summary>Runs a script that lies zero-terminated in the guest's memory.</summary>
    public JsValue Evaluate(uint source, uint length, string file)
    {
        var name = AllocateText(file, out _);
        var value = Unbox(_evaluate((int)source, (int)length, name, 0));
        Release(name);
        return value;
    }

    /// <summary>Calls a function with up to 8 arguments, which stay the caller's.</summary>
    public JsValue Call(JsValue function, params ReadOnlySpan<JsValue> arguments)
    {
        // The called function works on this very place, so that a call within has the next one.
        var place = _arguments + ((uint)_calls * ArgumentBytes);
        if (arguments.Length * sizeof(long) > ArgumentBytes || _calls == MostCalls)
        {
            throw new InvalidOperationException("the host calls into the engine too deeply");
        }

        for (var index = 0; index < arguments.Length; index++)
        {
            Write(place + ((uint)index * sizeof(long)), arguments[index].Bits);
        }

        _calls++;
        try
        {
            return new(_call(Context, function.Bits, JsValue.Undefined.Bits, arguments.Length, place));
        }
        finally
        {
            _calls--;
        }
    }

    /// <summary>Frees objects that only know each other.</summary>
    public void Collect() => Export("qjs_run_gc").WrapAction()!();

    public JsValue TakeException() => new(_getException(Context));

    public JsValue Throw(JsValue error)
    {
        _ = _throw(Context, error.Bits);
        return JsValue.Exception;
    }

    /// <summary>Runs the next job.</summary>
    /// <returns>False when it has thrown; its exception waits to be taken.</returns>
    public bool RunJob() => _runJob() >= 0;

    /// <summary>The first entry of a list that begins at an address, 0 when it is empty.</summary>
    public uint FirstOf(uint list) => Read<uint>(list + ListNextOffset) is var first && first == list ? 0 : first;

    /// <summary>What kind of object it is.</summary>
    public EngineClass ClassOf(JsValue value) => value.IsObject ? (EngineClass)Read<ushort>((uint)value.Bits + ClassOffset) : EngineClass.None;

    /// <summary>Address of what an object of a built-in class keeps for itself.</summary>
    public uint DataOf(JsValue value) => Read<uint>((uint)value.Bits + DataOffset);

    /// <summary>Makes the JavaScript error of a host function's failure, and throws it there.</summary>
    public JsValue Throw(HostErrorException error)
    {
        var arguments = new[]
        {
            NewText(error.Code), NewText(error.Message), JsValue.From(error.Number),
            error.Call is null ? JsValue.Undefined : NewText(error.Call),
            error.Path is null ? JsValue.Undefined : NewText(error.Path),
        };
        var made = Call(_createError, arguments);
        foreach (var argument in arguments)
        {
            Free(argument);
        }

        return made.IsException ? made : Throw(made);
    }

    private long Dispatch(int context, long self, int count, int arguments, long number)
    {
        try
        {
            return _functions[number](new HostCall(this, count, (uint)arguments)).Bits;
        }
        catch (HostErrorException e)
        {
            return Throw(e).Bits;
        }
    }

    private JsValue WithCopy(ReadOnlySpan<byte> bytes, Func<int, int, int, long> create)
    {
        if (bytes.Length <= ScratchBytes)
        {
            bytes.CopyTo(Slice(Scratch, (uint)bytes.Length));
            return new(create(Context, (int)Scratch, bytes.Length));
        }

        var address = Allocate(bytes.Length);
        bytes.CopyTo(Slice((uint)address, (uint)bytes.Length));
        var value = new JsValue(create(Context, address, bytes.Length));
        Release(address);
        return value;
    }
}
