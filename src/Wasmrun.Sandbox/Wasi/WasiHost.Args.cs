namespace Wasmrun.Sandbox.Wasi;

internal sealed partial class WasiHost
{
    private static bool DefineArguments(ImportDefiner definer) => definer.Name switch
    {
        "args_get" => definer.Add(static (host, a) => host.PutStrings(host._arguments, a[0], a[1])),
        "args_sizes_get" => definer.Add(static (host, a) => host.PutSizes(host._arguments, a[0], a[1])),
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
