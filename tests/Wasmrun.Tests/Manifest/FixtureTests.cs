using System.Text.RegularExpressions;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Tests.House;

namespace Wasmrun.Tests.Manifest;

/// <summary>Every fixture raises exactly the diagnostics beside it, and every code of the table is raised and documented.</summary>
public sealed partial class FixtureTests
{
    public static TheoryData<string> Names => new(Fixture.Names());

    [Theory]
    [MemberData(nameof(Names))]
    public void Fixture_RaisesExactlyWhatItExpects(string name)
    {
        var fixture = new Fixture(name);
        Assert.Equal(fixture.Expected(), fixture.Actual());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fixture_ExpectsTheCodeItIsNamedAfter(string name)
    {
        var expected = new Fixture(name).Expected();
        if (CodeAtStart().Match(name) is { Success: true, Value: var code })
        {
            Assert.Contains(expected, line => line.Contains($" {code}: ", StringComparison.Ordinal));
        }
        else
        {
            Assert.StartsWith("valid/", name, StringComparison.Ordinal);
            Assert.Empty(expected);
        }
    }

    [Fact]
    public void Code_OccursOnceInTheTable() =>
        Assert.Equal(
            ManifestDiagnostics.All.Select(descriptor => descriptor.Code).Distinct(StringComparer.Ordinal),
            ManifestDiagnostics.All.Select(descriptor => descriptor.Code));

    [Fact]
    public void Code_IsRaisedByAFixtureOfItsName() =>
        Assert.Equal(
            ManifestDiagnostics.All.Select(descriptor => descriptor.Code).Order(StringComparer.Ordinal),
            Fixture.Names()
                .Select(name => CodeAtStart().Match(name).Value)
                .Where(code => code.Length > 0)
                .Distinct(StringComparer.Ordinal));

    [Fact]
    public void Code_IsDocumentedWithItsTitleAndSeverity()
    {
        var documented = File.ReadLines(Repository.PathOf("docs/diagnostics.md")).Where(line => line.StartsWith(
            "### WR1", StringComparison.Ordinal));
        var expected = ManifestDiagnostics.All
            .Select(descriptor =>
                $"### {descriptor.Code}: {descriptor.Title}"
                + (descriptor.Severity == DiagnosticSeverity.Warning ? " (warning)" : string.Empty));
        Assert.Equal(expected, documented);
    }

    [GeneratedRegex("^WR[0-9]{4}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CodeAtStart();
}
