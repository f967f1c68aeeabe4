namespace Wasmrun.Runtimes.Modules;

/// <summary>One function of a module: what it takes and gives, its locals, and its code with the last <c>end</c>.</summary>
/// <param name="Parameters">Types of its parameters.</param>
/// <param name="Results">Types of its results.</param>
/// <param name="Locals">Types of its locals, its parameters first.</param>
internal sealed record ModuleFunction(byte[] Parameters, byte[] Results, byte[] Locals, byte[] Code)
{
    /// <summary>Reads one out of the code section, without its size.</summary>
    public static ModuleFunction Read(ReadOnlySpan<byte> body, (byte[] Parameters, byte[] Results) type)
    {
        var at = 0;
        var locals = new List<byte>(type.Parameters);
        for (var groups = WasmNumber.Read(body, ref at); groups > 0; groups--)
        {
            var count = (int)WasmNumber.Read(body, ref at);
            locals.AddRange(Enumerable.Repeat(body[at++], count));
        }

        return new(type.Parameters, type.Results, [.. locals], body[at..].ToArray());
    }

    /// <summary>Writes it into a code section, with its size.</summary>
    public void Write(Stream section)
    {
        var body = new MemoryStream();
        var groups = new List<(uint Count, byte Type)>();
        foreach (var type in Locals.AsSpan(Parameters.Length))
        {
            if (groups.Count > 0 && groups[^1].Type == type)
            {
                groups[^1] = (groups[^1].Count + 1, type);
            }
            else
            {
                groups.Add((1, type));
            }
        }

        WasmNumber.Write(body, (uint)groups.Count);
        foreach (var (count, type) in groups)
        {
            WasmNumber.Write(body, count);
            body.WriteByte(type);
        }

        body.Write(Code);
        WasmNumber.Write(section, (uint)body.Length);
        body.WriteTo(section);
    }
}
