namespace Wasmrun.Sandbox.Wasi;

internal sealed partial class WasiHost
{
    private bool DefineArguments(ImportDefiner definer) => definer.Name switch
    {
        "args_get" => definer.Add((uint pointers, uint bytes) => PutStrings(_arguments, pointers, bytes)),
        "args_sizes_get" => definer.Add((uint count, uint size) => PutSizes(_arguments, count, size)),
        _ => false,
    };

    /// <summary>Writes the strings one behind the other, and where each of them begins.</summary>
    private WasiErrno PutStrings(byte[][] strings, uint pointers, uint bytes)
    {
        var memory = Memory;
        foreach (var text in strings)
        {
            memory.Write(pointers, bytes);
            text.CopyTo(memory.Bytes(bytes, (uint)text.Length));
            pointers += sizeof(uint);
            bytes += (uint)text.Length;
        }

        return WasiErrno.None;
    }

    private WasiErrno PutSizes(byte[][] strings, uint count, uint size)
    {
        var memory = Memory;
        memory.Write(count, (uint)strings.Length);
        memory.Write(size, (uint)strings.Sum(text => text.Length));
        return WasiErrno.None;
    }
}
