using Wasmrun.Runtimes.Modules;
using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Python;

/// <summary>The functions of one part of a split module: its own, those that stand for others' there, and, in the near one, those that have parts loaded.</summary>
internal sealed class PartCode
{
    private const byte Int32 = 0x7F;
    private const byte LoadersTable = 1;

    private readonly byte[] _module;
    private readonly string _plan;
    private readonly int _part;
    private readonly uint _place;
    private readonly uint _imported;
    private readonly IReadOnlyList<uint> _types;
    private readonly IReadOnlyList<uint> _parameters;
    private readonly IReadOnlyList<Range> _bodies;
    private readonly int[] _own;
    private readonly Dictionary<int, uint> _numbers;
    private readonly Dictionary<int, int> _slots;
    private readonly List<int> _others = [];
    private readonly OrderedDictionary<(uint Type, int Part), int> _loaders = [];
    private readonly MemoryStream _code;

    /// <summary>Finds what the part consists of, and rewrites its own functions.</summary>
    /// <param name="place">The number of the global that says which place of the table is called.</param>
    /// <param name="addresses">The function at each place of the module's own table, by its number there; -1 where there is none.</param>
    /// <param name="largest">How many of the largest functions come first.</param>
    public PartCode(byte[] module, WasmSections sections, string plan, int part, uint place, int[] addresses, int largest)
    {
        (_module, _plan, _part, _place) = (module, plan, part, place);
        (_imported, _) = sections.Count(WasmSections.Import);
        (_types, _parameters, _bodies) = (sections.ReadFunctionTypes(), sections.ReadParameterCounts(), sections.ReadBodies());
        if (_bodies.Count != plan.Length)
        {
            throw new InvalidDataException("the module has another number of functions than the plan");
        }

        _own = Order(largest);
        _numbers = _own.Index().ToDictionary(each => each.Item, each => _imported + (uint)each.Index);
        int[] called = [.. ModuleSplit.Homes.ToUpperInvariant().SelectMany(home => Enumerable.Range(0, plan.Length).Where(function => plan[function] == home))];
        _slots = called.Index().ToDictionary(each => each.Item, each => addresses.Length + each.Index);
        _code = WriteOwn();
        Addresses = [.. addresses.Select(function => function < 0 ? -1 : AddressOf(function - (int)_imported)), .. called.Select(AddressOf)];
    }

    /// <summary>The function that this part has for each place of the table; -1 where it has none.</summary>
    public int[] Addresses { get; } = [];

    /// <summary>The number in this part of a function that the module calls by this number.</summary>
    /// <exception cref="InvalidDataException">The plan says that it is not called from here.</exception>
    public uint NumberOf(uint number)
    {
        if (number < _imported)
        {
            return number;
        }

        var function = (int)(number - _imported);
        if (_numbers.TryGetValue(function, out var known))
        {
            return known;
        }

        if (Addresses.Length > 0 || !_slots.ContainsKey(function))
        {
            throw new InvalidDataException("the module calls a function from another part that the plan says it does not");
        }

        _others.Add(function);
        return _numbers[function] = _imported + (uint)(_own.Length + _others.Count - 1);
    }

    /// <summary>The content of the section that says which type each function has.</summary>
    public byte[] Types()
    {
        var section = new MemoryStream();
        WasmNumber.Write(section, Count);
        foreach (var type in _own.Concat(_others).Select(function => _types[function]).Concat(_loaders.Keys.Select(static loader => loader.Type)))
        {
            WasmNumber.Write(section, type);
        }

        return section.ToArray();
    }

    /// <summary>The content of the section with the code.</summary>
    public byte[] Bodies()
    {
        var section = new MemoryStream((int)_code.Length);
        WasmNumber.Write(section, Count);
        _code.WriteTo(section);
        foreach (var function in _others)
        {
            WriteForward(section, _slots[function], _types[function]);
        }

        foreach (var (type, part) in _loaders.Keys)
        {
            WriteLoader(section, type, part);
        }

        return section.ToArray();
    }

    private uint Count => (uint)(_own.Length + _others.Count + _loaders.Count);

    private int HomeOf(int function) => ModuleSplit.Homes.IndexOf(char.ToLowerInvariant(_plan[function]), StringComparison.Ordinal);

    private int[] Order(int largest)
    {
        int[] own = [.. Enumerable.Range(0, _plan.Length).Where(function => HomeOf(function) == _part)];
        int[] first = [.. own.OrderByDescending(SizeOf).Take(largest)];
        return [.. first, .. own.Except(first)];
    }

    private int SizeOf(int function) => _bodies[function].End.Value - _bodies[function].Start.Value;

    private int AddressOf(int function)
    {
        var home = HomeOf(function);
        if (home == _part)
        {
            return (int)_numbers[function];
        }

        if (_part > 0)
        {
            return -1;
        }

        var loader = (_types[function], home);
        if (!_loaders.TryGetValue(loader, out var number))
        {
            number = (int)(_imported + Count);
            _loaders.Add(loader, number);
        }

        return number;
    }

    /// <summary>The functions that are at home here: as they are, but for the numbers of those that they call, and with each place of the table noted before it is called.</summary>
    private MemoryStream WriteOwn()
    {
        var section = new MemoryStream();
        var body = new MemoryStream();
        foreach (var function in _own)
        {
            body.SetLength(0);
            Rewrite(body, _module.AsSpan(_bodies[function]));
            WriteBody(section, body);
        }

        return section;
    }

    private void Rewrite(MemoryStream body, ReadOnlySpan<byte> old)
    {
        var at = 0;
        for (var groups = WasmNumber.Read(old, ref at); groups > 0; groups--)
        {
            _ = WasmNumber.Read(old, ref at);
            at++;
        }

        body.Write(old[..at]);
        var code = old[at..];
        var copied = 0;
        var reader = new InstructionReader(code);
        while (reader.Read())
        {
            if (reader.Operation is CallFunction)
            {
                body.Write(code[copied..reader.Start]);
                body.WriteByte(CallFunction);
                WasmNumber.Write(body, NumberOf(reader.Number));
                copied = reader.Start + reader.Bytes.Length;
            }
            else if (reader.Operation is CallIndirect)
            {
                body.Write(code[copied..reader.Start]);
                Write(body, GlobalSet, _place);
                Write(body, GlobalGet, _place);
                copied = reader.Start;
            }
        }

        body.Write(code[copied..]);
    }

    /// <summary>A function that calls the one of its type in a place of the table.</summary>
    private void WriteForward(Stream section, int slot, uint type)
    {
        var body = new MemoryStream();
        body.Write([0, Int32Constant]);
        WasmNumber.WriteSigned(body, slot);
        Write(body, GlobalSet, _place);
        WriteParameters(body, type);
        body.WriteByte(Int32Constant);
        WasmNumber.WriteSigned(body, slot);
        WriteCall(body, type);
        WriteBody(section, body);
    }

    /// <summary>A function that has a part loaded, and then calls again the place of the table in which it stood.</summary>
    private void WriteLoader(Stream section, uint type, int part)
    {
        var place = _parameters[(int)type];
        var body = new MemoryStream();
        body.Write([1, 1, Int32]);
        Write(body, GlobalGet, _place);
        Write(body, LocalSet, place);
        body.WriteByte(Int32Constant);
        WasmNumber.WriteSigned(body, part - 1);
        Write(body, CallIndirect, (uint)_parameters.Count);
        body.WriteByte(LoadersTable);
        WriteParameters(body, type);
        Write(body, LocalGet, place);
        WriteCall(body, type);
        WriteBody(section, body);
    }

    private void WriteParameters(Stream body, uint type)
    {
        for (var i = 0u; i < _parameters[(int)type]; i++)
        {
            Write(body, LocalGet, i);
        }
    }

    private static void WriteCall(Stream body, uint type)
    {
        Write(body, CallIndirect, type);
        body.Write([0, End]);
    }

    private static void Write(Stream body, byte operation, uint number)
    {
        body.WriteByte(operation);
        WasmNumber.Write(body, number);
    }

    private static void WriteBody(Stream section, MemoryStream body)
    {
        WasmNumber.Write(section, (uint)body.Length);
        body.WriteTo(section);
    }
}
