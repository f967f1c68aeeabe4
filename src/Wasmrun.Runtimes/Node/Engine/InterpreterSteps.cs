using Wasmrun.Runtimes.Modules;
using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>
/// Takes out of the engine's interpreter what each of its steps does for nothing: it asks whether steps are to be printed, which nobody can switch on
/// here, and looks up in a table that never changes where the code of an operation is before it looks there in another.
/// </summary>
internal static class InterpreterSteps
{
    private const int Operations = 256;

    /// <summary>Leaves out the printing of steps.</summary>
    public static ModuleFunction WithoutTrace(ModuleFunction function)
    {
        var all = Instruction.ReadAll(function.Code);
        var kept = new List<Instruction>(all.Count);
        for (var at = 0; at < all.Count; at++)
        {
            if (IsTrace(all, at, out var length))
            {
                DropLast(kept);
                at += length - 1;
            }
            else
            {
                kept.Add(all[at]);
            }
        }

        return kept.Count == all.Count ? function : function with { Code = Instruction.Join(kept) };
    }

    /// <summary>Has the code of an operation found by its number alone.</summary>
    public static ModuleFunction WithOneTable(ModuleFunction function, InitialMemory memory)
    {
        var all = Instruction.ReadAll(function.Code);
        var code = new MemoryStream(function.Code.Length + Operations);
        for (var at = 0; at < all.Count; at++)
        {
            if (IsLookup(all, at, out var table))
            {
                WriteLabels(code, all[at + 5], table, memory);
                at += 5;
            }
            else
            {
                code.Write(all[at].Bytes.Span);
            }
        }

        return function with { Code = code.ToArray() };
    }

    // if (rt->dump_flags & JS_DUMP_BYTECODE_STEP) dump_single_byte_code(ctx, pc, b, start)
    private static bool IsTrace(List<Instruction> all, int at, out int length)
    {
        length = 10;
        return at + length <= all.Count && all[at].Is(0x2d, 0x00, 0xf1, 0x05) && all[at + 1].Is(Int32Constant, 0x80, 0x01) && all[at + 2].Is(0x71) && all[at + 3].Is(If, NoResult)
            && all[at + 4].Operation == LocalGet && all[at + 5].Operation == LocalGet && all[at + 6].Operation == LocalGet && all[at + 7].Operation == Int32Constant
            && all[at + 8].Operation == CallFunction && all[at + 9].Operation == End;
    }

    // Nor is the address needed that is on the stack then: what made it goes as far as nothing else uses it.
    private static void DropLast(List<Instruction> kept)
    {
        while (true)
        {
            var last = kept[^1];
            if (last.Operation == LocalGet)
            {
                kept.RemoveAt(kept.Count - 1);
                return;
            }

            if (last.Operation == Int32Load)
            {
                kept.RemoveAt(kept.Count - 1);
            }
            else if (last.Is(0x6a) && kept[^2].Operation == Int32Constant)
            {
                kept.RemoveRange(kept.Count - 2, 2);
            }
            else if (last.Operation == LocalTee)
            {
                var set = last.Bytes.ToArray();
                set[0] = LocalSet;
                kept[^1] = last with { Operation = LocalSet, Bytes = set };
                return;
            }
            else
            {
                kept.Add(new(Drop, 0, new byte[] { Drop }, last.Depth));
                return;
            }
        }
    }

    // i32.const 2, i32.shl, i32.load of a place that is known, i32.const, i32.sub, br_table
    private static bool IsLookup(List<Instruction> all, int at, out uint table)
    {
        table = 0;
        if (at + 5 >= all.Count || !all[at].Is(Int32Constant, 2) || !all[at + 1].Is(0x74) || all[at + 2].Operation != Int32Load || !all[at + 3].Is(Int32Constant, 2)
            || !all[at + 4].Is(0x6b) || all[at + 5].Operation != BranchTable)
        {
            return false;
        }

        var place = 1;
        _ = WasmNumber.Read(all[at + 2].Bytes.Span, ref place);
        table = WasmNumber.Read(all[at + 2].Bytes.Span, ref place);
        return true;
    }

    private static void WriteLabels(MemoryStream code, Instruction branch, uint table, InitialMemory memory)
    {
        var at = 1;
        var labels = new uint[WasmNumber.Read(branch.Bytes.Span, ref at) + 1];
        for (var index = 0; index < labels.Length; index++)
        {
            labels[index] = WasmNumber.Read(branch.Bytes.Span, ref at);
        }

        code.WriteByte(BranchTable);
        WasmNumber.Write(code, Operations);
        for (var operation = 0u; operation < Operations; operation++)
        {
            var entry = (uint)((memory.Read(table + (operation * sizeof(int))) ?? throw new NotSupportedException("the interpreter's table is elsewhere")) - 2);
            WasmNumber.Write(code, labels[Math.Min(entry, labels.Length - 1)]);
        }

        WasmNumber.Write(code, labels[^1]);
    }
}
