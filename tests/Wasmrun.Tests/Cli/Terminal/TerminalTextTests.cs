using System.Buffers;
using System.Text;
using CsCheck;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Tests.Cli.Terminal;

public sealed class TerminalTextTests
{
    /// <summary>What escape sequences are made of: drawn more often, so that they come about.</summary>
    private static readonly byte[] s_telling = [.. "\e[]P\\mHJ0;?\r\a"u8];

    [Theory]
    [InlineData("plain\ttext", "plain\ttext")]
    [InlineData("größer 数 🎉", "größer 数 🎉")]
    [InlineData("crlf\r", "crlf")]
    [InlineData("10%\r20%\r\r30%", "10%\n| 20%\n| 30%")]
    [InlineData("\e[31mred\e[0m", "\e[31mred\e[0m\e[0m")]
    [InlineData("\e[38;2;1;2;3mrgb", "\e[38;2;1;2;3mrgb\e[0m")]
    [InlineData("\e[31mred\rnext", "\e[31mred\e[0m\n| next")]
    [InlineData("\e[2Jclear", "clear")]
    [InlineData("\e[10;20Hmoved\e[1A", "moved")]
    [InlineData("\e[?1049halt", "alt")]
    [InlineData("\e[>4;1mnot a style", "not a style")]
    [InlineData("\e]0;title\atext", "text")]
    [InlineData("\e]52;c;c2VjcmV0\e\\text", "text")]
    [InlineData("\e]0;unfinished", "")]
    [InlineData("\eP1$r0m\e\\x", "x")]
    [InlineData("\ec reset", " reset")]
    [InlineData("\e(0lines", "lines")]
    [InlineData("end\e", "end")]
    [InlineData("end\e[12", "end")]
    [InlineData("bell\a back\b nul\0 del\x7F", "bell back nul del")]
    [InlineData("c1 \u009B2J \u0085", "c1 2J ")]
    public void Line_KeepsTextAndColoursOnly(string written, string shown) => Assert.Equal(shown, Show(Encoding.UTF8.GetBytes(written)));

    [Fact]
    public void BytesThatAreNoText_AreShownAsSuch() => Assert.Equal("a\uFFFDb\uFFFD", Show([(byte)'a', 0x9B, (byte)'b', 0xC3]));

    [Fact]
    public void AnyBytes_LeaveNothingThatMovesTheCursor() =>
        Gen.Frequency((1, Gen.Byte), (2, Gen.Int[0, s_telling.Length - 1].Select(index => s_telling[index]))).Array[0, 40].Sample(bytes =>
        {
            var shown = Show(bytes.Where(value => value != (byte)'\n').ToArray());
            var rest = WithoutStyles(shown.Replace("\n| ", string.Empty, StringComparison.Ordinal));
            return rest.All(character => character == '\t' || !char.IsControl(character));
        });

    private static string WithoutStyles(string text) =>
        System.Text.RegularExpressions.Regex.Replace(
            text, "\e\\[[0-9;:]*m", string.Empty, System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));

    private static string Show(byte[] line)
    {
        var shown = new ArrayBufferWriter<byte>();
        TerminalText.Append(line, "\n| "u8, shown);
        return Encoding.UTF8.GetString(shown.WrittenSpan);
    }
}
