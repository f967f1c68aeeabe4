using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Modules;

/// <summary>
/// Puts a loop's first round before it. A compiler of WebAssembly looks at the beginning of every round whether the guest is to be stopped; a loop that
/// is nearly always over after its first round is spared that, and whatever goes on for longer is in the loop as before.
/// </summary>
internal static class LoopPeeler
{
    /// <summary>The function, with the first round of its loops that hold no other loop, and of which the body is chosen, before them.</summary>
    public static ModuleFunction Peel(ModuleFunction function, Func<IReadOnlyList<Instruction>, bool> choose)
    {
        var all = Instruction.ReadAll(function.Code);
        var code = new MemoryStream(function.Code.Length * 2);
        for (var at = 0; at < all.Count; at++)
        {
            if (all[at].Operation == Loop && all[at].Bytes.Span[1] == NoResult && Body(all, at) is var body
                && !body.Any(static instruction => instruction.Operation == Loop) && choose(body))
            {
                Write(code, body, all[at].Depth + 1);
                at += body.Count + 1;
            }
            else
            {
                code.Write(all[at].Bytes.Span);
            }
        }

        return function with { Code = code.ToArray() };
    }

    /// <summary>What is between a loop and its <c>end</c>.</summary>
    private static List<Instruction> Body(List<Instruction> all, int loop)
    {
        var end = loop + 1;
        while (all[end].Operation != End || all[end].Depth != all[loop].Depth)
        {
            end++;
        }

        return all[(loop + 1)..end];
    }

    private static void Write(MemoryStream code, List<Instruction> body, int depth)
    {
        // A block that the first round leaves to, around one that it goes on into the loop from.
        code.Write([Block, NoResult, Block, NoResult]);
        WriteRound(code, body, depth);
        code.Write([Branch, 1, End, Loop, NoResult]);
        WriteRound(code, body, depth);
        code.Write([End, End]);
    }

    // The loop's own label keeps its number, and those around it are one further off.
    private static void WriteRound(MemoryStream code, List<Instruction> body, int depth)
    {
        foreach (var instruction in body)
        {
            var inner = instruction.Depth - depth;
            switch (instruction.Operation)
            {
                case Branch or BranchIf:
                    code.WriteByte(instruction.Operation);
                    WasmNumber.Write(code, Moved(instruction.Number, inner));
                    break;
                case BranchTable:
                    var labels = instruction.Bytes.Span;
                    var at = 1;
                    code.WriteByte(BranchTable);
                    var count = WasmNumber.Read(labels, ref at);
                    WasmNumber.Write(code, count);
                    for (var label = 0; label <= count; label++)
                    {
                        WasmNumber.Write(code, Moved(WasmNumber.Read(labels, ref at), inner));
                    }

                    break;
                default:
                    code.Write(instruction.Bytes.Span);
                    break;
            }
        }
    }

    private static uint Moved(uint label, int inner) => label > inner ? label + 1 : label;
}
