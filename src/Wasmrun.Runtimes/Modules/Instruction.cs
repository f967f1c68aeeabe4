namespace Wasmrun.Runtimes.Modules;

/// <summary>One instruction of a function's code, as <see cref="InstructionReader"/> finds it.</summary>
/// <param name="Number">Its first number, if it has one: of a local, a function or a label.</param>
/// <param name="Bytes">The instruction as it is.</param>
/// <param name="Depth">How many blocks it is in, the function's own not counted.</param>
internal readonly record struct Instruction(byte Operation, uint Number, ReadOnlyMemory<byte> Bytes, int Depth)
{
    /// <summary>All of a function's instructions, its last <c>end</c> included.</summary>
    public static List<Instruction> ReadAll(byte[] code)
    {
        var all = new List<Instruction>();
        var reader = new InstructionReader(code);
        while (reader.Read())
        {
            all.Add(new(reader.Operation, reader.Number, code.AsMemory(reader.Start, reader.Bytes.Length), reader.Depth));
        }

        return all;
    }

    /// <summary>The code that these instructions are.</summary>
    public static byte[] Join(IEnumerable<Instruction> instructions)
    {
        var code = new MemoryStream();
        foreach (var instruction in instructions)
        {
            code.Write(instruction.Bytes.Span);
        }

        return code.ToArray();
    }

    /// <summary>Whether it is these bytes.</summary>
    public bool Is(params ReadOnlySpan<byte> bytes) => Bytes.Span.SequenceEqual(bytes);
}
