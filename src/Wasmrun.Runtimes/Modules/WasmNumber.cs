namespace Wasmrun.Runtimes.Modules;

/// <summary>The whole numbers of a WebAssembly module, which take as many bytes as they need (LEB128).</summary>
internal static class WasmNumber
{
    public static uint Read(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0u;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    public static int ReadSigned(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0;
        for (var shift = 0; ;)
        {
            var next = bytes[at++];
            value |= (next & 0x7F) << shift;
            shift += 7;
            if (next < 0x80)
            {
                return shift < 32 && (next & 0x40) != 0 ? value | (-1 << shift) : value;
            }
        }
    }

    public static void Write(Stream stream, uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            stream.WriteByte((byte)(value | 0x80));
        }

        stream.WriteByte((byte)value);
    }

    public static void WriteSigned(Stream stream, int value)
    {
        for (; value is < -64 or > 63; value >>= 7)
        {
            stream.WriteByte((byte)((value & 0x7F) | 0x80));
        }

        stream.WriteByte((byte)(value & 0x7F));
    }
}
