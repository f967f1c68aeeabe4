using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Modules;

/// <summary>
/// Parts a function in two that usually is over after a few instructions: one of these, short enough for <see cref="Inliner"/>, and one of the rest, which
/// it calls. The function begins by making room on the stack in memory, and leaves a block around all else when there is nothing to do.
/// </summary>
/// <param name="Short">The few instructions.</param>
/// <param name="Rest">What they call: it takes what the function takes and the locals that they have set.</param>
internal sealed record EarlyExits(ModuleFunction Short, ModuleFunction Rest)
{
    /// <summary>Parts a function.</summary>
    /// <param name="next">The number that the rest will have.</param>
    /// <returns>Null when it has another form.</returns>
    public static EarlyExits? Of(ModuleFunction function, uint next)
    {
        var all = Instruction.ReadAll(function.Code);
        if (function.Results.Length > 0 || all.Count < 7 || !MakesRoom(all) || !all[5].Is(Block, NoResult))
        {
            return null;
        }

        var frame = all[3].Number;
        var last = 0;
        for (var at = 6; at < all.Count && all[at].Depth == 1 && IsPlain(all[at], frame); at++)
        {
            last = all[at].Is(BranchIf, 0) ? at : last;
        }

        if (last == 0)
        {
            return null;
        }

        // What the first part has set is given to the rest after the parameters; all numbers of locals there are further on by as many.
        uint[] set = [.. all[6..last].Where(static instruction => instruction.Operation is LocalSet or LocalTee).Select(static instruction => instruction.Number).Distinct().Order()];
        return new(First(function, all[5..(last + 1)], set, next), Second(function, all[..6], all[(last + 1)..], set));
    }

    private static ModuleFunction First(ModuleFunction function, List<Instruction> instructions, uint[] set, uint next)
    {
        var code = new MemoryStream();
        code.Write(Instruction.Join(instructions));
        for (var parameter = 0u; parameter < function.Parameters.Length; parameter++)
        {
            Write(code, LocalGet, parameter);
        }

        foreach (var local in set)
        {
            Write(code, LocalGet, local);
        }

        Write(code, CallFunction, next);
        code.Write([End, End]);
        return function with { Code = code.ToArray() };
    }

    private static ModuleFunction Second(ModuleFunction function, List<Instruction> begin, List<Instruction> rest, uint[] set)
    {
        var parameters = function.Parameters.Length;
        var code = new MemoryStream();
        for (var index = 0; index < set.Length; index++)
        {
            Write(code, LocalGet, (uint)(parameters + index));
            Write(code, LocalSet, Moved(set[index]));
        }

        foreach (var instruction in begin.Concat(rest))
        {
            if (instruction.Operation is LocalGet or LocalSet or LocalTee)
            {
                Write(code, instruction.Operation, Moved(instruction.Number));
            }
            else
            {
                code.Write(instruction.Bytes.Span);
            }
        }

        byte[] given = [.. function.Parameters, .. set.Select(local => function.Locals[local])];
        return new(given, [], [.. given, .. function.Locals[parameters..]], code.ToArray());

        uint Moved(uint local) => local < parameters ? local : local + (uint)set.Length;
    }

    private static bool MakesRoom(List<Instruction> all) =>
        all[0].Operation == GlobalGet && all[1].Operation == Int32Constant && all[2].Operation == Int32Subtract && all[3].Operation == LocalTee
        && all[4].Operation == GlobalSet && all[4].Number == all[0].Number;

    // Neither the room nor the global that says where it is has a part in it, and there is no way out but the block's end.
    private static bool IsPlain(Instruction instruction, uint frame) => instruction.Operation switch
    {
        LocalGet or LocalSet or LocalTee => instruction.Number != frame,
        BranchIf => instruction.Number == 0,
        >= 0x28 and <= 0x3e or >= 0x41 and <= 0xc4 or 0x1a or 0x1b => true,
        _ => false,
    };

    private static void Write(MemoryStream code, byte operation, uint number)
    {
        code.WriteByte(operation);
        WasmNumber.Write(code, number);
    }
}
