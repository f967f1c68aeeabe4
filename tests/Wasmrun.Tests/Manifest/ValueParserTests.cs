using System.Globalization;
using CsCheck;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Parsing;

namespace Wasmrun.Tests.Manifest;

/// <summary>The small notations: durations, sizes, words of a command, names, guest paths, egress, suggestions.</summary>
public sealed class ValueParserTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("500ms", 500)]
    [InlineData("10s", 10_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("1h0m0.5s", 3_600_500)]
    [InlineData("1000us", 1)]
    [InlineData("1000µs", 1)]
    [InlineData("2000000ns", 2)]
    [InlineData("1000h", 3_600_000_000)]
    public void Duration_IsRead(string text, long milliseconds)
    {
        Assert.True(DurationParser.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1 s")]
    [InlineData("1.2.3s")]
    [InlineData(".s")]
    [InlineData("1d")]
    [InlineData("1S")]
    [InlineData("1001h")]
    [InlineData("999999999999999999999999999999999999h")]
    [InlineData("79228162514264337593543950335h")]
    public void Duration_IsRejected(string text) => Assert.False(DurationParser.TryParse(text, out _));

    [Fact]
    public void Duration_OfWholeMillisecondsComesBack() =>
        Gen.Long[0, 3_600_000_000].Sample(milliseconds =>
            DurationParser.TryParse(string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms"), out var duration)
            && duration == TimeSpan.FromMilliseconds(milliseconds));

    [Theory]
    [InlineData("65536", 65_536)]
    [InlineData("64b", 64)]
    [InlineData("512k", 524_288)]
    [InlineData("64M", 67_108_864)]
    [InlineData("64mb", 67_108_864)]
    [InlineData("64MiB", 67_108_864)]
    [InlineData("1.5g", 1_610_612_736)]
    [InlineData("1 GB", 1_073_741_824)]
    [InlineData("1t", 1_099_511_627_776)]
    public void ByteSize_IsRead(string text, long bytes)
    {
        Assert.True(ByteSizeParser.TryParse(text, out var size));
        Assert.Equal(bytes, size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("-1k")]
    [InlineData("1x")]
    [InlineData("1.2.3k")]
    [InlineData("99999999999t")]
    public void ByteSize_IsRejected(string text) => Assert.False(ByteSizeParser.TryParse(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("serve --port 3000", "serve", "--port", "3000")]
    [InlineData("a  'b c'  \"d e\"", "a", "b c", "d e")]
    [InlineData("a''b \"\" c", "ab", "", "c")]
    [InlineData(@"a\ b \""c", "a b", "\"c")]
    [InlineData("""
        "a\"b\\c\d" 'e\f'
        """, """a"b\c\d""", @"e\f")]
    [InlineData("a | b > $c *", "a", "|", "b", ">", "$c", "*")]
    public void Words_AreSplitAsAShellSplitsThem(string text, params string[] expected)
    {
        Assert.True(ShellWords.TrySplit(text, out var words));
        Assert.Equal(expected, words);
    }

    [Theory]
    [InlineData("'")]
    [InlineData("a \"b")]
    [InlineData("'a\\'b'")]
    public void Words_WithOpenQuoteAreRejected(string text) => Assert.False(ShellWords.TrySplit(text, out _));

    [Theory]
    [InlineData("shop", true)]
    [InlineData("0-a_b", true)]
    [InlineData("", false)]
    [InlineData("-shop", false)]
    [InlineData("Shop", false)]
    [InlineData("shöp", false)]
    [InlineData("a.b", false)]
    public void Name_FollowsTheRule(string name, bool valid) => Assert.Equal(valid, NameRules.IsValid(name));

    [Theory]
    [InlineData("My Shop", "my-shop")]
    [InlineData("__x.y__", "x-y")]
    [InlineData("ÄÖÜ", null)]
    public void Name_IsMadeOfAFolder(string folder, string? name) => Assert.Equal(name, NameRules.Normalize(folder));

    [Theory]
    [InlineData("/data", "/data")]
    [InlineData("/", "/")]
    [InlineData("//a/./b//", "/a/b")]
    [InlineData("/a..b", "/a..b")]
    [InlineData("data", null)]
    [InlineData("", null)]
    [InlineData("/a/../b", null)]
    public void GuestPath_IsNormalized(string text, string? expected) =>
        Assert.Equal(expected, GuestPath.TryNormalize(text, out var path) ? path : null);

    [Theory]
    [InlineData("example.com", "example.com", null)]
    [InlineData("api.example.com:443", "api.example.com", 443)]
    [InlineData("*.example.com:443", "*.example.com", 443)]
    [InlineData("local:1", "local", 1)]
    [InlineData("10.0.0.1:5432", "10.0.0.1", 5432)]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", null)]
    [InlineData("10.0.0.0/8:5432", "10.0.0.0/8", 5432)]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", null)]
    [InlineData("::/0", "::/0", null)]
    [InlineData("*", "*", null)]
    [InlineData("*:443", "*", 443)]
    [InlineData("2001:db8::1", "2001:db8::1", null)]
    [InlineData("[2001:db8::1]", "2001:db8::1", null)]
    [InlineData("[2001:db8::1]:443", "2001:db8::1", 443)]
    [InlineData("[2001:db8::/32]:443", "2001:db8::/32", 443)]
    [InlineData("[2001:db8::]/32:443", "2001:db8::/32", 443)]
    public void Egress_IsRead(string text, string host, int? port)
    {
        var diagnostics = new DiagnosticBag();
        var egress = EgressParser.Parse(text, new SourceLocation("x", 1, 1), diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal((host, port), (egress?.Host, egress?.Port));
    }

    [Theory]
    [InlineData("enviroment", "environment")]
    [InlineData("comand", "command")]
    [InlineData("commnad", "command")]
    [InlineData("COMMAND", "command")]
    [InlineData("env", "environment")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    public void Suggestion_IsTheNearestCandidate(string written, string? expected) =>
        Assert.Equal(expected, Suggestion.Closest(written, ["command", "environment", "module"]));

    [Fact]
    public void Distance_IsAMetricOnSlips() =>
        Gen.Select(Gen.String[Gen.Char["abc"], 0, 8], Gen.String[Gen.Char["abc"], 0, 8]).Sample((a, b) =>
            Suggestion.Distance(a, b) == Suggestion.Distance(b, a)
            && (Suggestion.Distance(a, b) == 0) == (a == b)
            && Suggestion.Distance(a, b) <= Math.Max(a.Length, b.Length)
            && Suggestion.Distance(a, b) >= Math.Abs(a.Length - b.Length));
}
