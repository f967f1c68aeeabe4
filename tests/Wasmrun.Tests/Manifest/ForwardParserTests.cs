using System.Globalization;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Tests.Manifest;

/// <summary>The notation of a forward; what it rejects is in the fixtures WR1301 to WR1306.</summary>
public sealed class ForwardParserTests
{
    private const string Loopback = "127.0.0.1 ::1";

    private static readonly SourceLocation _place = new("--forward", 1, 1);

    [Theory]
    [InlineData("8080:3000", Loopback + " 8080 3000 Tcp")]
    [InlineData("3000", Loopback + " auto 3000 Tcp")]
    [InlineData("0:3000", Loopback + " auto 3000 Tcp")]
    [InlineData("auto:3000", Loopback + " auto 3000 Tcp")]
    [InlineData(":3000", Loopback + " auto 3000 Tcp")]
    [InlineData("53:53/udp", Loopback + " 53 53 Udp")]
    [InlineData("0.0.0.0:8080:3000", "0.0.0.0 8080 3000 Tcp")]
    [InlineData("127.0.0.1:3000", "127.0.0.1 auto 3000 Tcp")]
    [InlineData("127.0.0.1::3000/tcp", "127.0.0.1 auto 3000 Tcp")]
    [InlineData("[::]:8080:3000", ":: 8080 3000 Tcp")]
    [InlineData("[2001:db8::1]:3000/udp", "2001:db8::1 auto 3000 Udp")]
    [InlineData("65535:1", Loopback + " 65535 1 Tcp")]
    [InlineData("8080-8081:3000-3001", Loopback + " 8080 3000 Tcp", Loopback + " 8081 3001 Tcp")]
    [InlineData("auto:3000-3001", Loopback + " auto 3000 Tcp", Loopback + " auto 3001 Tcp")]
    public void Reads(string text, params string[] expected)
    {
        var result = ForwardParser.Parse(text, _place);
        Assert.Empty(result.Diagnostics);
        Assert.Equal(expected, result.Forwards.Select(Print));
        Assert.All(result.Forwards, forward => Assert.Equal(_place, forward.Location));
    }

    [Fact]
    public void Reads_RangeUpToItsLimit()
    {
        Assert.Equal(1024, ForwardParser.Parse("1-1024:1001-2024", _place).Forwards.Count);
        Assert.Equal("WR1306", Assert.Single(ForwardParser.Parse("auto:1001-2025", _place).Diagnostics).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("/")]
    [InlineData("/tcp")]
    [InlineData("8080:3000/")]
    [InlineData("[")]
    [InlineData("[]:80:80")]
    [InlineData("[::1]:")]
    [InlineData("-1:3000")]
    [InlineData("+80:3000")]
    [InlineData("٣:3000")]
    public void Rejects_WithoutForwards(string text)
    {
        var result = ForwardParser.Parse(text, _place);
        Assert.Empty(result.Forwards);
        Assert.All(
            result.Diagnostics, diagnostic => Assert.Equal((_place, DiagnosticSeverity.Error), (diagnostic.Location, diagnostic.Severity)));
        Assert.NotEmpty(result.Diagnostics);
    }

    private static string Print(ForwardSpec forward)
    {
        var host = forward.HostPort?.ToString(CultureInfo.InvariantCulture) ?? "auto";
        return $"{string.Join(' ', forward.Addresses)} {host} {forward.GuestPort} {forward.Protocol}";
    }
}
