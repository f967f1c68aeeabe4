using Wasmrun.Runtimes.Modules;
using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>
/// Has the engine's interpreter go from an operation straight to the one that usually follows. A processor guesses where a jump through a table goes by what
/// came before, and has room for some thousands of such guesses: a request that takes more operations than that is guessed wrong again and again. Whether the
/// next operation is a certain one is another kind of guess, for which there is more room.
/// </summary>
/// <remarks>
/// A label can be jumped to from inside of its block alone. So the code of frequent operations stands a second time, or for long ones instead, at the end of
/// the loop, behind blocks that are around all others. The loop's look for whether to stop is passed by then; loops in JavaScript still come by the engine's own,
/// which is made at every jump and call.
/// </remarks>
internal sealed class DirectSteps
{
    /// <summary>The most operations that are asked for after one.</summary>
    private const int MostNext = 4;

    private readonly StepTable _table;
    private readonly StepStatistics _statistics;
    private readonly Stream _code;

    private DirectSteps(StepTable table, StepStatistics statistics, Stream code) => (_table, _statistics, _code) = (table, statistics, code);

    // How many blocks there are more around what is in the loop, and the level of the first.
    private int Added => _statistics.Repeated.Count;

    private int First => _table.Loop + 2;

    /// <summary>The interpreter with those jumps.</summary>
    /// <exception cref="NotSupportedException">It has another form.</exception>
    public static ModuleFunction Add(ModuleFunction function, StepStatistics statistics)
    {
        var code = new MemoryStream(function.Code.Length * 2);
        new DirectSteps(new(Instruction.ReadAll(function.Code)), statistics, code).Write();
        return function with { Code = code.ToArray() };
    }

    private void Write()
    {
        var (begin, end) = (_table.Start(_table.Loop + 1) + 1, _table.End(_table.Loop + 1));
        _code.Write(Instruction.Join(_table.All[..begin]));
        for (var count = 0; count < Added; count++)
        {
            _code.Write([Block, NoResult]);
        }

        WriteLoop(begin, end);
        for (var index = 0; index < Added; index++)
        {
            _code.WriteByte(End);
            WriteRepeated(_statistics.Repeated[index].Operation, LevelOfRepeated(index));
        }

        _code.Write(Instruction.Join(_table.All[end..]));
    }

    private void WriteLoop(int begin, int end)
    {
        var entered = _statistics.Next.Values.SelectMany(static next => next).Where(operation => IndexOf(operation) < 0).Distinct().ToDictionary(operation => _table.CodeOf(operation).Start.Value);
        var owners = new byte?[end];
        foreach (var operation in _statistics.Next.Keys)
        {
            owners.AsSpan()[_table.CodeOf(operation)].Fill(operation);
        }

        for (var at = begin; at < end; at++)
        {
            if (entered.TryGetValue(at, out var operation))
            {
                WriteBegin(operation);
            }

            if (at == _table.Table)
            {
                WriteTable();
            }
            else
            {
                WriteStep(_table.All[at], owners[at], First, Added, owners[at] is { } owner ? _table.LevelOf(owner) + Added : 0);
            }
        }
    }

    private void WriteRepeated(byte operation, int level)
    {
        WriteBegin(operation);
        var former = _table.LevelOf(operation);
        var all = _table.All[_table.CodeOf(operation)];
        if (!StepTable.Leaves(all[^1]))
        {
            throw new NotSupportedException($"the code of operation {operation} goes on into that of another");
        }

        foreach (var instruction in all)
        {
            WriteStep(instruction, operation, former, level - former, level);
        }
    }

    /// <summary>What the loop's round begins with, for code that is jumped to.</summary>
    private void WriteBegin(byte operation)
    {
        if (!_table.IsAlone(operation))
        {
            throw new NotSupportedException($"the interpreter has code for operation {operation} and others");
        }

        _code.Write(Instruction.Join(_table.Begin));
        WriteConstant(operation);
        Write(LocalSet, _table.Operation);
    }

    /// <summary>Writes an instruction of an operation's code, with what is asked for before it when it goes to the next round.</summary>
    /// <param name="kept">The level from which on blocks are what they were.</param>
    /// <param name="moved">How many blocks deeper it is now.</param>
    /// <param name="level">The level of the block behind which the code is.</param>
    private void WriteStep(Instruction instruction, byte? operation, int kept, int moved, int level)
    {
        if (operation is { } owner && _table.IsNext(instruction) && _statistics.Next.TryGetValue(owner, out var next))
        {
            WriteTests(next, level, instruction.Depth + moved);
        }

        if (instruction.Operation is not (Branch or BranchIf or BranchTable))
        {
            _code.Write(instruction.Bytes.Span);
            return;
        }

        uint[] labels = instruction.Operation == BranchTable ? StepTable.Labels(instruction) : [instruction.Number];
        WriteBranch(instruction.Operation, [.. labels.Select(label => Moved(instruction, label, kept, moved))]);
    }

    /// <summary>The number that a label has when there are more blocks around the instruction.</summary>
    private uint Moved(Instruction instruction, uint label, int kept, int moved)
    {
        var named = StepTable.LevelOf(instruction, label);
        return named >= kept ? label : named < First ? (uint)(label + moved) : throw new NotSupportedException("the code of an operation goes to that of another");
    }

    private void WriteBranch(byte operation, uint[] labels)
    {
        _code.WriteByte(operation);
        if (operation == BranchTable)
        {
            WasmNumber.Write(_code, (uint)labels.Length - 1);
        }

        foreach (var label in labels)
        {
            WasmNumber.Write(_code, label);
        }
    }

    private void WriteTests(byte[] next, int level, int depth)
    {
        var reached = next.Select(operation => (Operation: operation, Level: Reach(operation, level))).Where(static each => each.Level >= 0).Take(MostNext).ToList();
        if (reached.Count == 0)
        {
            return;
        }

        Write(LocalGet, _table.Place);
        _code.Write(_table.All[_table.Table - 2].Bytes.Span);
        Write(LocalSet, _table.Operation);
        foreach (var (operation, target) in reached)
        {
            Write(LocalGet, _table.Operation);
            WriteConstant(operation);
            _code.WriteByte(Int32Equal);
            Write(BranchIf, (uint)(depth - 1 - target));
        }
    }

    private void WriteTable()
    {
        var table = _table.All[_table.Table];
        uint[] labels = [.. StepTable.Labels(table).Select(label => Moved(table, label, First, Added))];
        for (var index = 0; index < Added; index++)
        {
            if (_statistics.Repeated[index] is (var operation, true))
            {
                labels[operation] = (uint)(table.Depth + Added - 1 - LevelOfRepeated(index));
            }
        }

        WriteBranch(BranchTable, labels);
    }

    /// <summary>The level of the block behind which an operation's code can be reached from code behind one of another level; negative when it cannot.</summary>
    private int Reach(byte operation, int from)
    {
        var index = IndexOf(operation);
        var level = index >= 0 ? LevelOfRepeated(index) : _table.LevelOf(operation) + Added;
        return level < from ? level : -1;
    }

    private int IndexOf(byte operation)
    {
        for (var index = 0; index < Added; index++)
        {
            if (_statistics.Repeated[index].Operation == operation)
            {
                return index;
            }
        }

        return -1;
    }

    private int LevelOfRepeated(int index) => First + Added - 1 - index;

    private void WriteConstant(byte number)
    {
        _code.WriteByte(Int32Constant);
        WasmNumber.WriteSigned(_code, number);
    }

    private void Write(byte operation, uint number)
    {
        _code.WriteByte(operation);
        WasmNumber.Write(_code, number);
    }
}
