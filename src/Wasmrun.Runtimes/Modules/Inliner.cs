using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Modules;

/// <summary>
/// Puts the code of short functions in place of their calls. A compiler of WebAssembly leaves calls as they are, and at the beginning of each function
/// looks whether the guest is to be stopped: an interpreter, whose functions are many and short, spends much of its time there. Loops keep their looks.
/// </summary>
/// <param name="imported">How many functions the module imports: their numbers come first.</param>
/// <param name="chosen">Numbers of functions that are put in place of their calls too, longer ones or with loops.</param>
internal sealed class Inliner(int imported, IReadOnlyList<ModuleFunction> functions, params int[] chosen)
{
    /// <summary>The longest code that is put in place of a call, in bytes.</summary>
    private const int LongestCode = 96;

    private const byte Int32 = 0x7f;
    private const byte Int64 = 0x7e;

    private readonly bool[] _isShort = [.. functions.Select((function, index) => IsShort(function) || chosen.Contains(imported + index))];

    /// <summary>All functions, with the short ones in place of their calls.</summary>
    public IReadOnlyList<ModuleFunction> Run() => [.. functions.Select(Expand)];

    private static bool IsShort(ModuleFunction function)
    {
        if (function.Code.Length > LongestCode || function.Results.Length > 1 || function.Locals.Any(type => type is not (Int32 or Int64)))
        {
            return false;
        }

        var reader = new InstructionReader(function.Code);
        while (reader.Read())
        {
            if (reader.Operation == Loop)
            {
                return false;
            }
        }

        return true;
    }

    private ModuleFunction Expand(ModuleFunction caller)
    {
        // The places for the locals of those that are put in, by type; each of them uses the same ones, because none is left in the middle.
        var code = new MemoryStream(caller.Code.Length * 2);
        var (most32, most64) = MostLocals(caller);
        if (most32 + most64 == 0 && !Calls(caller))
        {
            return caller;
        }

        var reader = new InstructionReader(caller.Code);
        while (reader.Read())
        {
            if (reader.Operation == CallFunction && Callee(reader.Number) is { } callee && callee != caller)
            {
                Put(code, callee, (uint)caller.Locals.Length, (uint)(caller.Locals.Length + most32));
            }
            else
            {
                code.Write(reader.Bytes);
            }
        }

        return caller with
        {
            Locals = [.. caller.Locals, .. Enumerable.Repeat(Int32, most32), .. Enumerable.Repeat(Int64, most64)],
            Code = code.ToArray(),
        };
    }

    private ModuleFunction? Callee(uint number) => number >= imported && _isShort[number - imported] ? functions[(int)number - imported] : null;

    private bool Calls(ModuleFunction caller)
    {
        var reader = new InstructionReader(caller.Code);
        while (reader.Read())
        {
            if (reader.Operation == CallFunction && Callee(reader.Number) is { } callee && callee != caller)
            {
                return true;
            }
        }

        return false;
    }

    private (int Most32, int Most64) MostLocals(ModuleFunction caller)
    {
        var (most32, most64) = (0, 0);
        var reader = new InstructionReader(caller.Code);
        while (reader.Read())
        {
            if (reader.Operation == CallFunction && Callee(reader.Number) is { } callee && callee != caller)
            {
                most32 = Math.Max(most32, callee.Locals.Count(type => type == Int32));
                most64 = Math.Max(most64, callee.Locals.Count(type => type == Int64));
            }
        }

        return (most32, most64);
    }

    private static void Put(MemoryStream code, ModuleFunction callee, uint next32, uint next64)
    {
        var places = callee.Locals.Select(type => type == Int32 ? next32++ : next64++).ToArray();
        for (var index = callee.Parameters.Length - 1; index >= 0; index--)
        {
            Write(code, LocalSet, places[index]);
        }

        for (var index = callee.Parameters.Length; index < places.Length; index++)
        {
            // 0, of either type.
            Write(code, callee.Locals[index] == Int32 ? (byte)0x41 : (byte)0x42, 0);
            Write(code, LocalSet, places[index]);
        }

        code.WriteByte(Block);
        code.WriteByte(callee.Results.Length == 0 ? NoResult : callee.Results[0]);
        var reader = new InstructionReader(callee.Code);
        while (reader.Read())
        {
            switch (reader.Operation)
            {
                case LocalGet or LocalSet or LocalTee:
                    Write(code, reader.Operation, places[reader.Number]);
                    break;
                case Return:
                    Write(code, Branch, (uint)reader.Depth);
                    break;
                default:
                    code.Write(reader.Bytes);
                    break;
            }
        }
    }

    private static void Write(MemoryStream code, byte operation, uint number)
    {
        code.WriteByte(operation);
        WasmNumber.Write(code, number);
    }
}
