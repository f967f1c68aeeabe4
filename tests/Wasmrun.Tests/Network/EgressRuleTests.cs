using Wasmrun.Network.Egress;

namespace Wasmrun.Tests.Network;

public sealed class EgressRuleTests
{
    [Theory]
    [InlineData("api.example.com", 0)]
    [InlineData("api.example.com:443", 443)]
    [InlineData("*.example.com:443", 443)]
    [InlineData("*", 0)]
    [InlineData("10.0.0.0/8", 0)]
    [InlineData("10.0.0.0/8:5432", 5432)]
    [InlineData("192.0.2.1:80", 80)]
    [InlineData("2001:db8::1", 0)]
    [InlineData("[2001:db8::1]:80", 80)]
    [InlineData("[2001:db8::/32]", 0)]
    [InlineData("2001:db8::/32", 0)]
    [InlineData("host.wasmrun.internal:5432", 5432)]
    public void Reads(string text, int port)
    {
        Assert.True(EgressRule.TryParse(text, out var rule, out var problem), problem);

        Assert.Equal((text, port), (rule.Text, rule.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.com:0")]
    [InlineData("example.com:65536")]
    [InlineData("example.com:http")]
    [InlineData("exa mple.com")]
    [InlineData("api.*.com")]
    [InlineData("https://example.com")]
    [InlineData("10.0.0.0/33")]
    [InlineData("-:-")]
    [InlineData("[2001:db8::1")]
    [InlineData("a..b")]
    public void Rejects_WithAReason(string text)
    {
        Assert.False(EgressRule.TryParse(text, out _, out var problem));

        Assert.NotEmpty(problem);
    }
}
