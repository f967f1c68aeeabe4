namespace Wasmrun.Runtimes.Modules;

/// <summary>Goes through the code of a function instruction by instruction.</summary>
internal ref struct InstructionReader(ReadOnlySpan<byte> code)
{
    private const byte Miscellaneous = 0xfc;
    private const uint LastConversion = 7;
    private const uint MemoryInit = 8;
    private const uint DataDrop = 9;
    private const uint MemoryFill = 11;

    private readonly ReadOnlySpan<byte> _code = code;
    private int _next = 0;

    /// <summary>The first byte of the current instruction.</summary>
    public byte Operation { get; private set; }

    /// <summary>Its first number, if it has one: of a local, a function, a type or a label.</summary>
    public uint Number { get; private set; }

    /// <summary>The instruction as it is.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _code[Start.._next];

    /// <summary>Where it begins.</summary>
    public int Start { get; private set; }

    /// <summary>How many blocks it is in, the function's own not counted; a block counts from the instruction after its first.</summary>
    public int Depth { get; private set; }

    /// <summary>Goes to the next instruction; false when there is none.</summary>
    /// <exception cref="NotSupportedException">It is not known here.</exception>
    public bool Read()
    {
        if (Operation is 0x02 or 0x03 or 0x04)
        {
            Depth++;
        }

        if (_next >= _code.Length)
        {
            return false;
        }

        Start = _next;
        Operation = _code[_next++];
        Number = 0;
        switch (Operation)
        {
            case 0x0b:
                Depth--;
                break;
            case 0x02 or 0x03 or 0x04 or 0x0c or 0x0d or 0x10 or (>= 0x20 and <= 0x26) or 0x3f or 0x40 or 0x41 or 0x42 or 0xd0 or 0xd2:
                Number = Skip();
                break;
            case 0x0e:
                for (var labels = Skip() + 1; labels > 0; labels--)
                {
                    Skip();
                }

                break;
            case 0x11 or (>= 0x28 and <= 0x3e):
                Number = Skip();
                Skip();
                break;
            case 0x1c:
                var types = (int)Skip();
                _next += types;
                break;
            case 0x43:
                _next += sizeof(float);
                break;
            case 0x44:
                _next += sizeof(double);
                break;
            case Miscellaneous:
                ReadMiscellaneous();
                break;
            case 0x00 or 0x01 or 0x05 or 0x0f or 0x1a or 0x1b or (>= 0x45 and <= 0xc4) or 0xd1:
                break;
            default:
                throw new NotSupportedException($"instruction 0x{Operation:x2}");
        }

        return true;
    }

    private void ReadMiscellaneous()
    {
        var kind = Skip();
        for (var numbers = kind switch { <= LastConversion => 0, DataDrop or MemoryFill => 1, >= MemoryInit => 2 }; numbers > 0; numbers--)
        {
            Skip();
        }
    }

    // Numbers of 64 bits too are read past only; what is answered counts for short ones.
    private uint Skip()
    {
        var at = _next;
        while (_code[_next++] >= 0x80)
        {
        }

        return _next - at <= 5 ? WasmNumber.Read(_code, ref at) : 0;
    }
}
