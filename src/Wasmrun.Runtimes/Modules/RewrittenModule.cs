namespace Wasmrun.Runtimes.Modules;

/// <summary>A module whose functions are written anew, while all else of it, and every function's number, stays as it is.</summary>
internal sealed class RewrittenModule
{
    private readonly byte[] _module;
    private readonly WasmSections _sections;
    private readonly List<ModuleFunction> _functions;
    private readonly IReadOnlyList<uint> _importedTypes;
    private readonly int _given;
    private IReadOnlyList<(byte[] Parameters, byte[] Results)> _types;

    /// <summary>Reads a module, which imports functions alone.</summary>
    /// <exception cref="NotSupportedException">The module has something that is not known here.</exception>
    public RewrittenModule(byte[] module)
    {
        _module = module;
        _sections = new(module);
        _importedTypes = _sections.ReadImportedTypes();
        _types = _sections.ReadTypes();
        _functions = [.. _sections.ReadFunctionTypes().Zip(_sections.ReadBodies(), (type, body) => ModuleFunction.Read(module.AsSpan(body), _types[(int)type]))];
        _given = _functions.Count;
    }

    /// <summary>What its memory holds at first.</summary>
    public InitialMemory Memory => new(_sections);

    /// <summary>The number that the next added function will have.</summary>
    public int Next => Imported + _functions.Count;

    private int Imported => _importedTypes.Count;

    /// <summary>The function with a number, which is not an imported one.</summary>
    public ModuleFunction this[int number]
    {
        get => _functions[number - Imported];
        set => _functions[number - Imported] = value;
    }

    public void Add(ModuleFunction function) => _functions.Add(function);

    /// <summary>Changes every function.</summary>
    public void Change(Func<ModuleFunction, ModuleFunction> change)
    {
        for (var index = 0; index < _functions.Count; index++)
        {
            _functions[index] = change(_functions[index]);
        }
    }

    /// <summary>Puts short functions in place of their calls, and in a further round those that are short still with what they have got.</summary>
    /// <param name="chosen">Numbers of others that are put there too.</param>
    public void Inline(int rounds, params int[] chosen)
    {
        for (var round = 0; round < rounds; round++)
        {
            var inlined = new Inliner(Imported, _functions, chosen).Run();
            for (var index = 0; index < inlined.Count; index++)
            {
                _functions[index] = inlined[index];
            }
        }
    }

    /// <summary>Makes numbers that are given on the stack 64 bits wide, in every function, also in those that the module imports and exports.</summary>
    public void WidenArguments()
    {
        ModuleFunction[] former = [.. _functions];
        var widened = new WideArguments(_types, number => number < Imported ? _types[(int)_importedTypes[(int)number]].Parameters : former[number - Imported].Parameters);
        Change(widened.Convert);
        _types = [.. _types.Select(static type => (WideArguments.Widen(type.Parameters), type.Results))];
    }

    public byte[] ToArray()
    {
        var added = _functions[_given..];
        var result = new MemoryStream(_module.Length * 2);
        result.Write(_module.AsSpan(0, WasmSections.HeaderBytes));
        foreach (var kind in _sections.Kinds)
        {
            WasmSections.Write(result, kind, kind switch
            {
                WasmSections.Type => WasmSections.TypesOf([.. _types, .. added.Select(static function => (function.Parameters, function.Results))]),
                WasmSections.Function => _sections.With(kind, (uint)added.Count, section =>
                {
                    for (var index = 0; index < added.Count; index++)
                    {
                        WasmNumber.Write(section, (uint)(_types.Count + index));
                    }
                }),
                WasmSections.Code => Code(),
                _ => _sections[kind],
            });
        }

        return result.ToArray();
    }

    private byte[] Code()
    {
        var code = new MemoryStream();
        WasmNumber.Write(code, (uint)_functions.Count);
        foreach (var function in _functions)
        {
            function.Write(code);
        }

        return code.ToArray();
    }
}
