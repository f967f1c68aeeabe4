using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Modules;

/// <summary>
/// Makes every number of 32 bits that a function is given on the stack one of 64. The compiler stores an argument there in as many bytes as it has and loads it
/// in eight; a processor that finds only half of a load among the stores that are still under way waits until they are through, at every call. The functions
/// work with 32 bits as before.
/// </summary>
/// <param name="types">The types of the module's functions, as they were, which indirect calls name.</param>
/// <param name="typeOf">What a function takes, by its number.</param>
internal sealed class WideArguments(IReadOnlyList<(byte[] Parameters, byte[] Results)> types, Func<uint, byte[]> typeOf)
{
    /// <summary>How many whole numbers are given in registers: six of a processor with x86-64 less two that the engine needs. Others have more.</summary>
    private const int InRegisters = 4;

    private const byte Int32 = 0x7f;
    private const byte Int64 = 0x7e;

    /// <summary>What a function takes then.</summary>
    public static byte[] Widen(byte[] parameters) => [.. parameters.Select((type, index) => IsWide(parameters, index) ? Int64 : type)];

    /// <summary>The function, taking such numbers and giving them to those that it calls.</summary>
    public ModuleFunction Convert(ModuleFunction function)
    {
        var code = new MemoryStream(function.Code.Length * 2);
        var body = new Body(function, code);
        foreach (var instruction in Instruction.ReadAll(function.Code))
        {
            switch (instruction.Operation)
            {
                case CallFunction:
                    body.Give(typeOf(instruction.Number));
                    body.Write(instruction.Bytes.Span);
                    break;
                case CallIndirect:
                    // The number of the function is above its arguments.
                    body.Give([.. types[(int)instruction.Number].Parameters, Int32], isIndirect: true);
                    body.Write(instruction.Bytes.Span);
                    break;
                case LocalGet or LocalSet or LocalTee:
                    body.Write(instruction.Operation, body.PlaceOf(instruction.Number));
                    break;
                default:
                    body.Write(instruction.Bytes.Span);
                    break;
            }
        }

        return body.ToFunction(code.ToArray());
    }

    private static bool IsWide(byte[] parameters, int index) => parameters[index] == Int32 && parameters.Take(index).Count(static type => type is Int32 or Int64) >= InRegisters;

    /// <summary>The code of a function while it is written anew.</summary>
    private sealed class Body
    {
        private readonly ModuleFunction _function;
        private readonly Stream _code;
        private readonly byte[] _parameters;
        private readonly List<byte> _locals;
        private readonly Dictionary<uint, uint> _narrow = [];
        private readonly Dictionary<(int Position, byte Type), uint> _kept = [];

        public Body(ModuleFunction function, Stream code)
        {
            (_function, _code) = (function, code);
            _parameters = Widen(function.Parameters);
            _locals = [.. _parameters, .. function.Locals[_parameters.Length..]];
            for (var index = 0u; index < _parameters.Length; index++)
            {
                if (_parameters[index] != function.Parameters[index])
                {
                    _narrow[index] = AddLocal(Int32);
                    Write(LocalGet, index);
                    _code.WriteByte(Int32Wrap);
                    Write(LocalSet, _narrow[index]);
                }
            }
        }

        /// <summary>Where the function's local with a number is.</summary>
        public uint PlaceOf(uint local) => _narrow.GetValueOrDefault(local, local);

        public void Write(ReadOnlySpan<byte> instruction) => _code.Write(instruction);

        public void Write(byte operation, uint number)
        {
            _code.WriteByte(operation);
            WasmNumber.Write(_code, number);
        }

        /// <summary>Widens what lies ready for a call: those above the first of them are put aside meanwhile.</summary>
        public void Give(byte[] operands, bool isIndirect = false)
        {
            var parameters = isIndirect ? operands[..^1] : operands;
            var first = Array.FindIndex([.. parameters.Select((_, index) => IsWide(parameters, index))], static isWide => isWide);
            if (first < 0)
            {
                return;
            }

            for (var position = operands.Length - 1; position > first; position--)
            {
                Write(LocalSet, PlaceFor(position, operands[position]));
            }

            _code.WriteByte(Int64ExtendUnsigned);
            for (var position = first + 1; position < operands.Length; position++)
            {
                Write(LocalGet, PlaceFor(position, operands[position]));
                if (position < parameters.Length && IsWide(parameters, position))
                {
                    _code.WriteByte(Int64ExtendUnsigned);
                }
            }
        }

        public ModuleFunction ToFunction(byte[] code) => _function with { Parameters = _parameters, Locals = [.. _locals], Code = code };

        private uint PlaceFor(int position, byte type) =>
            _kept.TryGetValue((position, type), out var place) ? place : _kept[(position, type)] = AddLocal(type);

        private uint AddLocal(byte type)
        {
            _locals.Add(type);
            return (uint)_locals.Count - 1;
        }
    }
}
