using System.Buffers.Binary;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Tells whether compressed data was cut off, which .NET's streams do not: by the checksum that gzip and zlib end with.</summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc1952"/>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc1950"/>
internal static class ZlibTrailer
{
    private const int WordBytes = 4;
    private const uint Polynomial = 0xedb88320;
    private const uint AdlerModulus = 65521;

    private static readonly uint[] s_table = MakeTable();

    public static bool IsWhole(string format, ReadOnlySpan<byte> source, ReadOnlySpan<byte> result) => format switch
    {
        "gzip" => IsWholeGzip(source, result),
        "deflate" => source.Length > WordBytes && BinaryPrimitives.ReadUInt32BigEndian(source[^WordBytes..]) == Adler(result),
        _ => source.Length > 0,
    };

    /// <summary>Several pieces may follow each other; the trailer speaks of the last one.</summary>
    private static bool IsWholeGzip(ReadOnlySpan<byte> source, ReadOnlySpan<byte> result)
    {
        if (source.Length < 2 * WordBytes)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(source[^WordBytes..]);
        return length <= result.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(source[^(2 * WordBytes)..]) == Crc(result[^(int)length..]);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = s_table[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint Adler(ReadOnlySpan<byte> bytes)
    {
        var (low, high) = (1u, 0u);
        foreach (var value in bytes)
        {
            low = (low + value) % AdlerModulus;
            high = (high + low) % AdlerModulus;
        }

        return (high << 16) | low;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var index = 0u; index < table.Length; index++)
        {
            var value = index;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) == 0 ? value >> 1 : Polynomial ^ (value >> 1);
            }

            table[index] = value;
        }

        return table;
    }
}
