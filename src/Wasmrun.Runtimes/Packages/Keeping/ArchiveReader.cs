using System.Buffers;
using System.Globalization;
using System.Text;

namespace Wasmrun.Runtimes.Packages.Keeping;

/// <summary>
/// Reads a tar archive forwards: names, lengths and contents, and nothing else. Archives of npm carry owners and times that are beyond what
/// the format can say, and do not matter.
/// </summary>
/// <remarks>https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, and GNU's long names.</remarks>
internal sealed class ArchiveReader(Stream archive)
{
    private const int BlockBytes = 512;
    private const int MaxMetadataBytes = 1 << 20;
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);

    private readonly byte[] _header = new byte[BlockBytes];
    private long _unread;

    /// <summary>The entry's path as the archive writes it.</summary>
    public string Name { get; private set; } = string.Empty;

    /// <summary>Whether the entry is a plain file, and not a folder, a link or a device.</summary>
    public bool IsFile { get; private set; }

    /// <summary>Bytes of the entry's content.</summary>
    public long Length { get; private set; }

    /// <summary>Goes to the next entry.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    /// <exception cref="EndOfStreamException">It is cut off.</exception>
    public async Task<bool> MoveNextAsync(CancellationToken token)
    {
        string? longName = null;
        long? longLength = null;
        while (true)
        {
            await SkipAsync(token);
            if (await archive.ReadAtLeastAsync(_header, BlockBytes, throwOnEndOfStream: false, token) is var count && count < BlockBytes)
            {
                return count == 0 ? false : throw new EndOfStreamException("it is cut off");
            }

            if (!_header.AsSpan().ContainsAnyExcept((byte)0))
            {
                return false;
            }

            CheckSum();
            Length = longLength ?? Number(_header.AsSpan(124, 12));
            _unread = Length + Padding(Length);
            switch (_header[156])
            {
                case (byte)'x':
                    (longName, longLength) = Attributes(await MetadataAsync(token), longName, longLength);
                    break;
                case (byte)'L':
                    longName = Text(await MetadataAsync(token));
                    break;
                case (byte)'g' or (byte)'K':
                    await MetadataAsync(token);
                    break;
                case var type:
                    IsFile = type is (byte)'0' or 0 or (byte)'7';
                    Name = longName ?? ShortName();
                    return true;
            }
        }
    }

    /// <summary>Writes the entry's content, once.</summary>
    public async Task CopyToAsync(Stream target, CancellationToken token)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            for (var left = Length; left > 0;)
            {
                var count = await archive.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), token);
                if (count == 0)
                {
                    throw new EndOfStreamException("it is cut off");
                }

                await target.WriteAsync(buffer.AsMemory(0, count), token);
                left -= count;
                _unread -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<byte[]> MetadataAsync(CancellationToken token)
    {
        if (Length > MaxMetadataBytes)
        {
            throw new InvalidDataException("a name in it is too long");
        }

        using var content = new MemoryStream();
        await CopyToAsync(content, token);
        return content.ToArray();
    }

    private async Task SkipAsync(CancellationToken token)
    {
        var skipped = new byte[BlockBytes];
        while (_unread > 0)
        {
            var count = await archive.ReadAsync(skipped.AsMemory(0, (int)Math.Min(skipped.Length, _unread)), token);
            _unread -= count > 0 ? count : throw new EndOfStreamException("it is cut off");
        }
    }

    private void CheckSum()
    {
        var sum = 0L;
        for (var index = 0; index < BlockBytes; index++)
        {
            sum += index is >= 148 and < 156 ? ' ' : _header[index];
        }

        if (sum != Number(_header.AsSpan(148, 8)))
        {
            throw new InvalidDataException("a header in it is wrong");
        }
    }

    private string ShortName()
    {
        var prefix = _header.AsSpan(257, 5).SequenceEqual("ustar"u8) && _header[263] == '0' ? Text(_header.AsSpan(345, 155)) : string.Empty;
        var name = Text(_header.AsSpan(0, 100));
        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    /// <summary>Octal digits; or, in files of more than eight GiB, a binary number, which is too much for a package.</summary>
    private static long Number(ReadOnlySpan<byte> field)
    {
        var value = 0L;
        foreach (var digit in field.Trim(" \0"u8))
        {
            value = digit is >= (byte)'0' and <= (byte)'7' ? (value * 8) + digit - '0' : throw new InvalidDataException("a number in it is wrong");
        }

        return value;
    }

    /// <summary>Records of the form "LENGTH KEY=VALUE\n".</summary>
    private static (string? Name, long? Length) Attributes(byte[] records, string? name, long? length)
    {
        for (var at = 0; at < records.Length;)
        {
            var blank = records.AsSpan(at).IndexOf((byte)' ');
            if (blank <= 0 || !int.TryParse(records.AsSpan(at, blank), CultureInfo.InvariantCulture, out var size) || size <= blank + 1 || size > records.Length - at)
            {
                throw new InvalidDataException("an attribute in it is wrong");
            }

            var parts = _utf8.GetString(records, at + blank + 1, size - blank - 2).Split('=', 2);
            name = parts is ["path", var path] ? path : name;
            length = parts is ["size", var bytes] && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : length;
            at += size;
        }

        return (name, length);
    }

    private static string Text(ReadOnlySpan<byte> field) => _utf8.GetString(field.IndexOf((byte)0) is var end and >= 0 ? field[..end] : field);

    private static long Padding(long length) => (BlockBytes - (length % BlockBytes)) % BlockBytes;
}
