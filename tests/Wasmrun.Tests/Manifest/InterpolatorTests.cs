using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Interpolation;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Tests.Manifest;

/// <summary>Substitution in values and the environment files it draws on; what they reject is in the fixtures WR15xx.</summary>
public sealed class InterpolatorTests
{
    private static readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal)
    {
        ["V"] = "value",
        ["EMPTY"] = string.Empty,
        ["TRICKY"] = "${V}$V",
    };

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("$V-${V}", "value-value")]
    [InlineData("$Vx", "")]
    [InlineData("$$V $${V}", "$V ${V}")]
    [InlineData("${V:-d} ${EMPTY:-d} ${NONE:-d}", "value d d")]
    [InlineData("${V-d} ${EMPTY-d} ${NONE-d}", "value  d")]
    [InlineData("${V:+o} ${EMPTY:+o} ${NONE:+o}", "o  ")]
    [InlineData("${V+o} ${EMPTY+o} ${NONE+o}", "o o ")]
    [InlineData("${V:?e} ${V?e} ${EMPTY?e}", "value value ")]
    [InlineData("${NONE:-${EMPTY:-${V}}}", "value")]
    [InlineData("${NONE:-a$${V}b}", "a${Vb}")]
    [InlineData("${NONE:-a b:c/d}", "a b:c/d")]
    [InlineData("${TRICKY}", "${V}$V")]
    [InlineData("a}b", "a}b")]
    public void Replaces(string text, string expected)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Equal(expected, Expand(text, diagnostics));
        Assert.False(diagnostics.HasErrors);
    }

    [Fact]
    public void Reports_OnlyTheWordThatIsChosen()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Equal("value", Expand("${V:-${NONE:?never}}", diagnostics));
        Assert.Empty(diagnostics.Items);
        Expand("${NONE:-${OTHER:?must be set}}", diagnostics);
        Assert.Contains("must be set", Assert.Single(diagnostics.Items).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A=1", "A", "1")]
    [InlineData("export A=1", "A", "1")]
    [InlineData("export=1", "export", "1")]
    [InlineData("  A = 1 2  # comment", "A", "1 2")]
    [InlineData("A=1#2", "A", "1#2")]
    [InlineData("A=", "A", "")]
    [InlineData("A=\"1 # 2\" # comment", "A", "1 # 2")]
    [InlineData("A=\"l1\\nl2\\t\\\"\\\\\"", "A", "l1\nl2\t\"\\")]
    [InlineData("A='${V} \\n'", "A", "${V} \\n")]
    [InlineData("A=${V}", "A", "value")]
    [InlineData("A=\"${V} \\$V\"", "A", "value $V")]
    [InlineData("B=2\r\nA=${B}${B}\r\n", "A", "22")]
    [InlineData("A=\"one\ntwo\"\nB=3", "A", "one\ntwo")]
    [InlineData("A='one\ntwo'\nB=3", "B", "3")]
    [InlineData("V", "V", "value")]
    [InlineData("V=own\nA=$V", "A", "value")]
    [InlineData("A.B-c=1", "A.B-c", "1")]
    public void EnvFile_IsRead(string text, string name, string expected)
    {
        var diagnostics = new DiagnosticBag();
        var values = Parse(text, diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(expected, values[name]);
    }

    [Fact]
    public void EnvFile_LeavesOutABareNameThatIsNotSet() => Assert.Empty(Parse("NONE\n# A=1\n\n", new DiagnosticBag()));

    [Fact]
    public void EnvFile_NamesTheLineAfterAValueOverSeveralLines()
    {
        var diagnostics = new DiagnosticBag();
        Parse("A=\"1\n2\n3\"\n?\n", diagnostics);
        Assert.Equal(new SourceLocation(".env", 4, 1), Assert.Single(diagnostics.Items).Location);
    }

    private static string Expand(string text, DiagnosticBag diagnostics) =>
        new Interpolator(_variables.GetValueOrDefault, diagnostics).Expand(text, new SourceLocation("x", 1, 1));

    private static IReadOnlyDictionary<string, string> Parse(string text, DiagnosticBag diagnostics) =>
        EnvFileParser.Parse(
            new SourceDocument(".env", text, "/"),
            new VariableScope(_variables, new Dictionary<string, string>(StringComparer.Ordinal)),
            diagnostics);
}
