using Wasmrun.Runtimes.Modules;
using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>
/// Where the code of each operation is in the engine's interpreter: a loop whose rounds begin with a table of labels, and behind the end of the block that
/// a label names, the code of an operation, which goes to the next round. Blocks are known by their level, the function's outermost being 0.
/// </summary>
internal sealed class StepTable
{
    private const int Operations = 256;

    private readonly int[] _levels = new int[Operations];
    private readonly int[] _opened;
    private readonly int[] _ends;
    private readonly int[] _uses;

    /// <summary>Finds it in a function.</summary>
    /// <exception cref="NotSupportedException">The interpreter has another form.</exception>
    public StepTable(List<Instruction> all)
    {
        All = all;
        Table = all.FindIndex(static each => each.Operation == BranchTable && Labels(each).Length == Operations + 1);
        if (Table < 0 || all[Table - 1].Operation != LocalTee || all[Table - 2].Operation != Int32LoadByte || all[Table - 3].Operation != LocalGet)
        {
            throw new NotSupportedException("the interpreter has no table of operations");
        }

        (Place, Operation) = (all[Table - 3].Number, all[Table - 1].Number);
        _opened = Enclosing(all, Table);
        _ends = [.. _opened.Select((start, level) => all.FindIndex(start + 1, each => each.Operation == Opcode.End && each.Depth == level))];
        Loop = Array.FindLastIndex(_opened, at => all[at].Operation == Opcode.Loop);
        Begin = [.. all[(_opened[Math.Max(Loop, 0)] + 1)..(Table - 3)].Where(static each => each.Operation is not (Block or LocalGet))];
        if (Loop < 0 || all[_opened[Loop + 1]].Bytes.Span[1] != NoResult || End(Loop) != End(Loop + 1) + 1
            || Begin.Any(static each => each.Operation is not (Int64Constant or LocalSet)))
        {
            throw new NotSupportedException("the interpreter's loop has another form");
        }

        var labels = Labels(all[Table]);
        for (var operation = 0; operation < Operations; operation++)
        {
            _levels[operation] = LevelOf(all[Table], labels[operation]);
        }

        _uses = new int[_opened.Length];
        for (var at = 0; at < all.Count; at++)
        {
            uint[] named = all[at].Operation is Branch or BranchIf ? [all[at].Number] : all[at].Operation == BranchTable && at != Table ? Labels(all[at]) : [];
            foreach (var label in named)
            {
                var level = LevelOf(all[at], label);
                if (level >= 0 && level < _opened.Length && at > _opened[level] && at < _ends[level])
                {
                    _uses[level]++;
                }
            }
        }
    }

    public List<Instruction> All { get; }

    /// <summary>Where the table is.</summary>
    public int Table { get; }

    /// <summary>The level of the loop. Between it and all that is in it there is one more block.</summary>
    public int Loop { get; }

    /// <summary>What each round begins with.</summary>
    public IReadOnlyList<Instruction> Begin { get; }

    /// <summary>The local that says where the operation is.</summary>
    public uint Place { get; }

    /// <summary>The local that is set to the operation.</summary>
    public uint Operation { get; }

    /// <summary>The labels of a table, the last one for all other numbers.</summary>
    public static uint[] Labels(Instruction table)
    {
        var at = 1;
        var labels = new uint[WasmNumber.Read(table.Bytes.Span, ref at) + 1];
        for (var index = 0; index < labels.Length; index++)
        {
            labels[index] = WasmNumber.Read(table.Bytes.Span, ref at);
        }

        return labels;
    }

    /// <summary>The level of the block that a label of an instruction names.</summary>
    public static int LevelOf(Instruction instruction, uint label) => instruction.Depth - 1 - (int)label;

    /// <summary>The level of the block behind which an operation's code is.</summary>
    public int LevelOf(byte operation) => _levels[operation];

    /// <summary>Whether nothing but this operation leads to its code.</summary>
    public bool IsAlone(byte operation) => _uses[_levels[operation]] == 0 && _levels.Count(level => level == _levels[operation]) == 1 && Leaves(All[End(_levels[operation]) - 1]);

    /// <summary>Whether what is behind an instruction is not come to from it.</summary>
    public static bool Leaves(Instruction instruction) => instruction.Operation is Branch or BranchTable or Return or Unreachable;

    /// <summary>Where an operation's code is.</summary>
    public Range CodeOf(byte operation) => (End(_levels[operation]) + 1)..End(_levels[operation] - 1);

    /// <summary>Whether an instruction goes to the next round.</summary>
    public bool IsNext(Instruction instruction) => instruction.Operation == Branch && LevelOf(instruction, instruction.Number) == Loop;

    /// <summary>Where the block or loop of a level begins that is around the table.</summary>
    public int Start(int level) => _opened[level];

    /// <summary>Where the block or loop of a level ends that is around the table.</summary>
    public int End(int level) => _ends[level];

    private static int[] Enclosing(List<Instruction> all, int place)
    {
        var opened = new Stack<int>();
        for (var at = 0; at < place; at++)
        {
            if (all[at].Operation is Block or Opcode.Loop or If)
            {
                opened.Push(at);
            }
            else if (all[at].Operation == Opcode.End)
            {
                opened.Pop();
            }
        }

        return [.. opened.Reverse()];
    }
}
