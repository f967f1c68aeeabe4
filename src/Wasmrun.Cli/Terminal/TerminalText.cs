using System.Buffers;
using System.Text;

namespace Wasmrun.Cli.Terminal;

/// <summary>
/// What a guest printed, made harmless for a terminal: colours and text pass, whatever moves the cursor, clears, retitles or talks to the
/// terminal does not, and a carriage return starts a line of its own instead of writing over the prefix. Only for terminals; elsewhere
/// bytes stay as they are.
/// </summary>
internal static class TerminalText
{
    private const byte Escape = 0x1B;
    private const byte Bell = 0x07;
    private static readonly SearchValues<byte> _styleParameters = SearchValues.Create("0123456789;:"u8);
    private static readonly SearchValues<byte> _harmless = SearchValues.Create(HarmlessBytes());

    /// <summary>Appends one line without its line feed.</summary>
    /// <param name="lineBreak">What stands for a carriage return within the line: a line feed and the prefix of the next line.</param>
    internal static void Append(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lineBreak, IBufferWriter<byte> to)
    {
        text = text.TrimEnd((byte)'\r');
        var styled = false;
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAnyExcept(_harmless);
            if (plain < 0)
            {
                to.Write(text);
                break;
            }

            to.Write(text[..plain]);
            text = text[plain..];
            switch (text[0])
            {
                case (byte)'\r':
                    Reset(ref styled, to);
                    to.Write(lineBreak);
                    text = text.TrimStart((byte)'\r');
                    break;
                case Escape:
                    var length = SequenceLength(text);
                    if (IsStyle(text[..length]))
                    {
                        styled = true;
                        to.Write(text[..length]);
                    }

                    text = text[length..];
                    break;
                case < 0x80:
                    text = text[1..];
                    break;
                default:
                    AppendRune(ref text, to);
                    break;
            }
        }

        Reset(ref styled, to);
    }

    private static void Reset(ref bool styled, IBufferWriter<byte> to)
    {
        if (styled)
        {
            to.Write("\e[0m"u8);
            styled = false;
        }
    }

    private static void AppendRune(ref ReadOnlySpan<byte> text, IBufferWriter<byte> to)
    {
        var valid = Rune.DecodeFromUtf8(text, out var rune, out var consumed) == OperationStatus.Done;
        if (!valid)
        {
            to.Write("\uFFFD"u8);
        }
        else if (!Rune.IsControl(rune))
        {
            to.Write(text[..consumed]);
        }

        text = text[consumed..];
    }

    /// <summary>The whole escape sequence (ECMA-48); to the end of the line when it is not finished.</summary>
    private static int SequenceLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2)
        {
            return text.Length;
        }

        switch (text[1])
        {
            case (byte)'[':
                var final = text[2..].IndexOfAnyInRange((byte)0x40, (byte)0x7E);
                return final < 0 ? text.Length : final + 3;
            case (byte)']' or (byte)'P' or (byte)'X' or (byte)'^' or (byte)'_':
                var bell = text.IndexOf(Bell);
                var terminator = text[2..].IndexOf("\e\\"u8);
                return (bell, terminator) switch
                {
                    ( < 0, < 0) => text.Length,
                    ( < 0, _) => terminator + 4,
                    (_, < 0) => bell + 1,
                    _ => Math.Min(bell + 1, terminator + 4),
                };
            default:
                var end = text[1..].IndexOfAnyExceptInRange((byte)0x20, (byte)0x2F);
                return end < 0 ? text.Length : end + 2;
        }
    }

    private static bool IsStyle(ReadOnlySpan<byte> sequence) =>
        sequence is [Escape, (byte)'[', .., (byte)'m'] && !sequence[2..^1].ContainsAnyExcept(_styleParameters);

    private static byte[] HarmlessBytes() => [(byte)'\t', .. Enumerable.Range(0x20, 0x5F).Select(value => (byte)value)];
}
