using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Tests.Manifest;

/// <summary>When a source of a mount has to be there as the manifest is read.</summary>
public sealed class MountSourceTests
{
    private const string Web = "web: { module: app.wasm, volumes: ['./out/site:/site'] }";

    [Theory]
    [InlineData("", true)]
    [InlineData("job: { module: app.wasm, volumes: ['./out:/out:ro'] }", true)]
    [InlineData("job: { module: app.wasm, volumes: ['./out/s:/out'] }", true)]
    [InlineData("job: { module: app.wasm, volumes: ['./out:/out'], profiles: [debug] }", true)]
    [InlineData("job: { module: app.wasm, build: make, profiles: [debug] }", true)]
    [InlineData("job: { module: app.wasm, volumes: ['./out:/out'] }", false)]
    [InlineData("job: { project: ./out, language: python }", false)]
    [InlineData("job: { module: app.wasm, build: make }", false)]
    public void Missing_IsReported_UnlessItMayBeMade(string other, bool isReported)
    {
        using var scenario = new Scenario($"services:\n  {Web}\n  {other}\n");
        scenario.Write("out/s/index.html", string.Empty);

        string[] expected = isReported
            ? [$"wasmrun-compose.yaml(2,38): error WR1409: cannot mount '{scenario.PathOf("out/site")}': it does not exist; make it, or correct the path"]
            : [];
        Assert.Equal(expected, scenario.Load().Diagnostics.Select(found => found.ToString()), StringComparer.Ordinal);
    }

    [Fact]
    public void LinkToNothing_IsReported_AndToAFolderIsNot()
    {
        using var scenario = new Scenario("services: { web: { module: app.wasm, volumes: ['./dangling:/a', './link:/b'] } }");
        File.CreateSymbolicLink(scenario.PathOf("dangling"), "nowhere");
        File.CreateSymbolicLink(scenario.PathOf("link"), ".");

        var found = Assert.Single(scenario.Load().Diagnostics);
        Assert.Equal(ManifestDiagnostics.BadMountSource.Code, found.Code);
        Assert.Contains("dangling", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Device_IsReported_EvenIfSomethingIsBuilt()
    {
        using var scenario = new Scenario("services: { web: { module: app.wasm, build: make, volumes: ['/dev/null:/a'] } }");

        Assert.Equal(ManifestDiagnostics.BadMountSource.Code, Assert.Single(scenario.Load().Diagnostics).Code);
    }
}
