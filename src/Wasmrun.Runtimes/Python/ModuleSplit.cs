using Wasmrun.Runtimes.Modules;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// Splits a module into two: the functions that programs usually call, and all others, which are then compiled only when one is called. Every function keeps its
/// number in both parts, so that no body is changed; where it is not at home, a short one stands for it, which calls through a table that both share. Until the far
/// part is there, its places in the table hold functions that have it loaded, one for each type, and then call again.
/// Only what compilers write for programs is understood: one memory, one table, functions alone imported.
/// </summary>
/// <param name="module">Without sections that only say something about it.</param>
/// <param name="plan">A letter for each function of the module itself: see <see cref="Near"/> and those below.</param>
/// <seealso cref="FarCode"/>
internal sealed class ModuleSplit(byte[] module, string plan)
{
    /// <summary>At home in the near part, and called from there alone.</summary>
    public const char Near = 'n';

    /// <summary>At home in the near part, and called from the far one too.</summary>
    public const char NearCalled = 'N';

    /// <summary>At home in the far part, and called from there alone.</summary>
    public const char Far = 'f';

    /// <summary>At home in the far part, and called from the near one, or by its address.</summary>
    public const char FarCalled = 'F';

    private const string FarModule = "wasmrun";
    private const string Memory = "memory";
    private const string Addresses = "wasmrun_table";
    private const string Calls = "wasmrun_far";

    private const byte FunctionKind = 0;
    private const byte TableKind = 1;
    private const byte MemoryKind = 2;
    private const byte GlobalKind = 3;

    private const byte Int32 = 0x7F;
    private const byte FunctionReference = 0x70;
    private const byte FunctionType = 0x60;
    private const byte CallsTable = 1;

    private const byte End = 0x0B;
    private const byte CallIndirect = 0x11;
    private const byte LocalGet = 0x20;
    private const byte GlobalGet = 0x23;
    private const byte GlobalSet = 0x24;
    private const byte Constant = 0x41;

    private readonly WasmSections _sections = new(module);
    private readonly uint[] _slots = Slots(plan);

    /// <summary>What instances are made of.</summary>
    public byte[] WriteNear()
    {
        var (called, _) = _sections.Count(WasmSections.Global);
        var types = _sections.ReadFunctionTypes();
        var parameters = _sections.ReadParameterCounts();
        var (imported, _) = _sections.Count(WasmSections.Import);
        var loaders = imported + (uint)types.Count;
        var result = Begin();
        WasmSections.Write(result, WasmSections.Import, _sections[WasmSections.Import]);
        WasmSections.Write(result, WasmSections.Function, _sections.With(WasmSections.Function, (uint)parameters.Count, stream => WriteNumbers(stream, Enumerable.Range(0, parameters.Count).Select(static i => (uint)i))));
        WasmSections.Write(result, WasmSections.Table, _sections.With(WasmSections.Table, 1, CallsType));
        WasmSections.Write(result, WasmSections.Memory, _sections[WasmSections.Memory]);
        WasmSections.Write(result, WasmSections.Global, _sections.With(WasmSections.Global, 1, static stream => stream.Write([Int32, 1, Constant, 0, End])));
        WasmSections.Write(result, WasmSections.Export, _sections.With(WasmSections.Export, 2, stream =>
        {
            WriteName(stream, Addresses);
            stream.Write([TableKind, 0]);
            WriteName(stream, Calls);
            stream.Write([TableKind, CallsTable]);
        }));
        WasmSections.Write(result, WasmSections.Element, _sections.With(WasmSections.Element, 2, stream =>
        {
            WriteElements(stream, NearCalled, function => imported + (uint)function);
            WriteElements(stream, FarCalled, function => loaders + types[function]);
        }));
        WasmSections.Write(result, WasmSections.Code, Code(Near, NearCalled, FarCalled, (uint)parameters.Count, called));
        WasmSections.Write(result, WasmSections.Data, _sections[WasmSections.Data]);
        return result.ToArray();
    }

    /// <summary>What is added to an instance of the near part.</summary>
    /// <param name="globals">The names under which the near part exports its globals, all of them changeable whole numbers.</param>
    public byte[] WriteFar(params string[] globals)
    {
        var (imported, _) = _sections.Count(WasmSections.Import);
        var result = Begin();
        WasmSections.Write(result, WasmSections.Import, _sections.With(WasmSections.Import, 3 + (uint)globals.Length, stream =>
        {
            WriteImport(stream, Memory, MemoryKind);
            stream.Write(_sections.Single(WasmSections.Memory));
            WriteImport(stream, Addresses, TableKind);
            stream.Write(_sections.Single(WasmSections.Table));
            WriteImport(stream, Calls, TableKind);
            CallsType(stream);
            foreach (var name in globals)
            {
                WriteImport(stream, name, GlobalKind);
                stream.Write([Int32, 1]);
            }
        }));
        WasmSections.Write(result, WasmSections.Function, _sections[WasmSections.Function]);
        var elements = new MemoryStream();
        WasmNumber.Write(elements, 1);
        WriteElements(elements, FarCalled, function => imported + (uint)function);
        WasmSections.Write(result, WasmSections.Element, elements.ToArray());
        WasmSections.Write(result, WasmSections.Code, Code(Far, FarCalled, NearCalled, loaders: 0, called: null));
        return result.ToArray();
    }

    /// <summary>Places in the table of calls: first who loads the far part, then the far functions, then the near ones.</summary>
    private static uint[] Slots(string plan)
    {
        var slots = new uint[plan.Length];
        var next = 1u;
        foreach (var kind in (char[])[FarCalled, NearCalled])
        {
            for (var i = 0; i < plan.Length; i++)
            {
                if (plan[i] == kind)
                {
                    slots[i] = next++;
                }
            }
        }

        return slots;
    }

    private static void WriteName(Stream stream, string name)
    {
        WasmNumber.Write(stream, (uint)name.Length);
        stream.Write(System.Text.Encoding.ASCII.GetBytes(name));
    }

    private static void WriteImport(Stream stream, string name, byte kind)
    {
        WriteName(stream, FarModule);
        WriteName(stream, name);
        stream.WriteByte(kind);
    }

    private MemoryStream Begin()
    {
        var result = new MemoryStream(module.Length);
        result.Write(module.AsSpan(0, WasmSections.HeaderBytes));
        WasmSections.Write(result, WasmSections.Type, _sections.With(WasmSections.Type, 1, static stream => stream.Write([FunctionType, 0, 0])));
        return result;
    }

    private void CallsType(Stream stream)
    {
        stream.Write([FunctionReference, 1]);
        var size = _slots.Max() + 1;
        WasmNumber.Write(stream, size);
        WasmNumber.Write(stream, size);
    }

    private static void WriteNumbers(Stream stream, IEnumerable<uint> numbers)
    {
        foreach (var number in numbers)
        {
            WasmNumber.Write(stream, number);
        }
    }

    private static void WriteBody(Stream stream, ReadOnlySpan<byte> body)
    {
        WasmNumber.Write(stream, (uint)body.Length);
        stream.Write(body);
    }

    /// <summary>Puts what stands for the functions of a kind into their places in the table of calls.</summary>
    private void WriteElements(Stream stream, char kind, Func<int, uint> standsFor)
    {
        var functions = Enumerable.Range(0, plan.Length).Where(i => plan[i] == kind).ToArray();
        stream.Write([2, CallsTable, Constant]);
        WasmNumber.WriteSigned(stream, functions.Length == 0 ? 0 : (int)_slots[functions[0]]);
        stream.Write([End, FunctionKind]);
        WasmNumber.Write(stream, (uint)functions.Length);
        WriteNumbers(stream, functions.Select(standsFor));
    }

    /// <summary>The bodies of all functions in one of the parts.</summary>
    /// <param name="loaders">How many functions are added that load the other part, one for each type.</param>
    /// <param name="called">The global that says which place is being called; null in the part that finds the other one there.</param>
    private byte[] Code(char own, char ownCalled, char others, uint loaders, uint? called)
    {
        var types = _sections.ReadFunctionTypes();
        var parameters = _sections.ReadParameterCounts();
        var bodies = _sections.ReadBodies();
        if (bodies.Count != plan.Length)
        {
            throw new InvalidDataException("the module has another number of functions than the plan");
        }

        var code = new MemoryStream(module.Length);
        WasmNumber.Write(code, (uint)bodies.Count + loaders);
        for (var i = 0; i < bodies.Count; i++)
        {
            WriteBody(code, plan[i] == own || plan[i] == ownCalled ? module.AsSpan(bodies[i])
                : plan[i] == others ? Forward(_slots[i], types[i], parameters[(int)types[i]], called)
                : [0, 0, End]);
        }

        for (var type = 0u; type < loaders; type++)
        {
            WriteBody(code, Loader(type, parameters[(int)type], (uint)parameters.Count, called!.Value));
        }

        return code.ToArray();
    }

    /// <summary>The body of a function that calls the one of its type in a place of the table.</summary>
    private static byte[] Forward(uint slot, uint type, uint parameters, uint? called)
    {
        var body = new MemoryStream();
        body.WriteByte(0);
        if (called is { } global)
        {
            body.WriteByte(Constant);
            WasmNumber.WriteSigned(body, (int)slot);
            body.WriteByte(GlobalSet);
            WasmNumber.Write(body, global);
        }

        WriteParameters(body, parameters);
        body.WriteByte(Constant);
        WasmNumber.WriteSigned(body, (int)slot);
        WriteCall(body, type);
        return body.ToArray();
    }

    /// <summary>The body of a function that has the far part loaded, and then calls what is in the place of the table that was to be called.</summary>
    private static byte[] Loader(uint type, uint parameters, uint noParameters, uint called)
    {
        var body = new MemoryStream();
        body.Write([0, Constant, 0, CallIndirect]);
        WasmNumber.Write(body, noParameters);
        body.WriteByte(CallsTable);
        WriteParameters(body, parameters);
        body.WriteByte(GlobalGet);
        WasmNumber.Write(body, called);
        WriteCall(body, type);
        return body.ToArray();
    }

    private static void WriteParameters(Stream body, uint parameters)
    {
        for (var i = 0u; i < parameters; i++)
        {
            body.WriteByte(LocalGet);
            WasmNumber.Write(body, i);
        }
    }

    private static void WriteCall(Stream body, uint type)
    {
        body.WriteByte(CallIndirect);
        WasmNumber.Write(body, type);
        body.Write([CallsTable, End]);
    }
}
