using System.Text.RegularExpressions;
using Wasmrun.Manifest.Reading;
using Wasmrun.Tests.House;

namespace Wasmrun.Tests.Manifest;

/// <summary>The user's reference names every key, says which are not supported yet, and its examples load.</summary>
public sealed partial class ReferenceTests
{
    private static readonly string _text = File.ReadAllText(Repository.PathOf("docs/manifest.md"));

    private static readonly KeyTable[] _tables =
    [
        ManifestKeys.Stack, ManifestKeys.Service, ManifestKeys.Deploy, ManifestKeys.Restart, ManifestKeys.Dependency, ManifestKeys.Limits,
        ManifestKeys.UpdateConfig, ManifestKeys.Logging, ManifestKeys.ServiceNetwork, ManifestKeys.Healthcheck, ManifestKeys.Develop, ManifestKeys.Watch,
    ];

    public static TheoryData<string> Keys =>
        new(_tables.SelectMany(table => table.Keys)
            .Distinct(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Keys))]
    public void Key_HasARowInATable(string key) =>
        Assert.Contains(
            _text.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)),
            row => row.Split('|')[1..3]
                .SelectMany(cell => QuotedKey().Matches(cell))
                .Any(match => match.Groups["key"].Value.Split('.').Contains(key)));

    [Fact]
    public void FirstExample_Loads()
    {
        using var scenario = new Scenario(FirstExample().Match(_text).Groups["yaml"].Value);
        scenario.Write("web.wasm", string.Empty);
        scenario.Write("store.wasm", string.Empty);
        Assert.Equal(["web", "store"], scenario.Stack().Services.Select(service => service.Name));
    }

    [GeneratedRegex("`(?<key>[a-z_.*]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex QuotedKey();

    [GeneratedRegex("```yaml\n(?<yaml>.*?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FirstExample();
}
