namespace Wasmrun.Runtimes.Modules;

/// <summary>The sections of a module, as they are in it, and what has to be known of them to write others.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html"/>
internal sealed class WasmSections
{
    public const byte Custom = 0;
    public const byte Type = 1;
    public const byte Import = 2;
    public const byte Function = 3;
    public const byte Table = 4;
    public const byte Memory = 5;
    public const byte Global = 6;
    public const byte Export = 7;
    public const byte Element = 9;
    public const byte Code = 10;
    public const byte Data = 11;
    public const int HeaderBytes = 8;

    private const byte FunctionType = 0x60;
    private const byte ImportedFunction = 0;

    private readonly byte[] _module;
    private readonly OrderedDictionary<byte, Range> _ranges = [];

    public WasmSections(byte[] module)
    {
        _module = module;
        for (var at = HeaderBytes; at < module.Length;)
        {
            var kind = module[at++];
            var size = (int)WasmNumber.Read(module, ref at);
            _ranges[kind] = at..(at + size);
            at += size;
        }
    }

    /// <summary>The kinds of its sections in their order, without those that only say something about it.</summary>
    public IEnumerable<byte> Kinds => _ranges.Keys.Where(static kind => kind != Custom);

    /// <summary>The content of a section.</summary>
    /// <exception cref="KeyNotFoundException">The module has none of the kind.</exception>
    public ReadOnlySpan<byte> this[byte kind] => _module.AsSpan(_ranges[kind]);

    public static void Write(Stream module, byte kind, ReadOnlySpan<byte> content)
    {
        module.WriteByte(kind);
        WasmNumber.Write(module, (uint)content.Length);
        module.Write(content);
    }

    /// <summary>The content of a section of types.</summary>
    public static byte[] TypesOf(IReadOnlyList<(byte[] Parameters, byte[] Results)> types)
    {
        var section = new MemoryStream();
        WasmNumber.Write(section, (uint)types.Count);
        foreach (var (parameters, results) in types)
        {
            section.WriteByte(FunctionType);
            WriteBytes(section, parameters);
            WriteBytes(section, results);
        }

        return section.ToArray();
    }

    /// <summary>How many entries a section has, and where in it the first begins.</summary>
    public (uint Entries, int First) Count(byte kind)
    {
        var at = 0;
        return (WasmNumber.Read(this[kind], ref at), at);
    }

    /// <summary>A section with further entries at its end.</summary>
    public byte[] With(byte kind, uint more, Action<Stream> write)
    {
        var (entries, first) = Count(kind);
        var result = new MemoryStream();
        WasmNumber.Write(result, entries + more);
        result.Write(this[kind][first..]);
        write(result);
        return result.ToArray();
    }

    /// <summary>The only entry of a section.</summary>
    /// <exception cref="InvalidDataException">It has several.</exception>
    public ReadOnlySpan<byte> Single(byte kind)
    {
        var (entries, first) = Count(kind);
        return entries == 1 ? this[kind][first..] : throw new InvalidDataException("the module has several tables or memories");
    }

    /// <summary>The number of the type of each function.</summary>
    public IReadOnlyList<uint> ReadFunctionTypes()
    {
        var (entries, at) = Count(Function);
        var types = new uint[entries];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = WasmNumber.Read(this[Function], ref at);
        }

        return types;
    }

    /// <summary>The number of the type of each function that is imported.</summary>
    /// <exception cref="NotSupportedException">Something else is imported.</exception>
    public IReadOnlyList<uint> ReadImportedTypes()
    {
        if (!_ranges.ContainsKey(Import))
        {
            return [];
        }

        var section = this[Import];
        var (entries, at) = Count(Import);
        var types = new uint[entries];
        for (var i = 0; i < types.Length; i++)
        {
            // The names of the module and of what it gives.
            _ = ReadBytes(section, ref at);
            _ = ReadBytes(section, ref at);
            types[i] = section[at++] == ImportedFunction ? WasmNumber.Read(section, ref at) : throw new NotSupportedException("an import that is no function");
        }

        return types;
    }

    /// <summary>What functions of each type take and give, as types of values.</summary>
    /// <exception cref="NotSupportedException">A type is of something else.</exception>
    public IReadOnlyList<(byte[] Parameters, byte[] Results)> ReadTypes()
    {
        var section = this[Type];
        var (entries, at) = Count(Type);
        var types = new (byte[], byte[])[entries];
        for (var i = 0; i < types.Length; i++)
        {
            if (section[at++] != FunctionType)
            {
                throw new NotSupportedException("a type that is none of a function");
            }

            var parameters = ReadBytes(section, ref at);
            types[i] = (parameters, ReadBytes(section, ref at));
        }

        return types;
    }

    /// <summary>How many parameters each type has.</summary>
    public IReadOnlyList<uint> ReadParameterCounts() => [.. ReadTypes().Select(static type => (uint)type.Parameters.Length)];

    /// <summary>Where in the module the body of each function is.</summary>
    public IReadOnlyList<Range> ReadBodies()
    {
        var (entries, at) = Count(Code);
        var start = _ranges[Code].Start.Value;
        var bodies = new Range[entries];
        for (var i = 0; i < bodies.Length; i++)
        {
            var size = (int)WasmNumber.Read(this[Code], ref at);
            bodies[i] = (start + at)..(start + at + size);
            at += size;
        }

        return bodies;
    }

    private static byte[] ReadBytes(ReadOnlySpan<byte> section, ref int at)
    {
        var count = (int)WasmNumber.Read(section, ref at);
        at += count;
        return section[(at - count)..at].ToArray();
    }

    private static void WriteBytes(MemoryStream section, byte[] bytes)
    {
        WasmNumber.Write(section, (uint)bytes.Length);
        section.Write(bytes);
    }
}
