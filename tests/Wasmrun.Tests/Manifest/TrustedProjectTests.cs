namespace Wasmrun.Tests.Manifest;

/// <summary>What the host runs or believes is not the guest's to write.</summary>
public sealed class TrustedProjectTests
{
    [Theory]
    [InlineData("project: .", true)]
    [InlineData("project: ..", true)]
    [InlineData("project: ./web", false)]
    [InlineData("project: ./web, build: make", true)]
    [InlineData("project: ./variables, env_file: [variables/all.env]", true)]
    [InlineData("project: ./base, extends: { file: base/other.yaml, service: web }", true)]
    [InlineData("project: ./linked", true)]
    [InlineData("module: app.wasm, build: make", false)]
    public void Project_MayOnlyBeRead_WhereItHoldsWhatTheStackIsReadFromOrIsBuilt(string keys, bool isReadOnly)
    {
        using var scenario = new Scenario();
        scenario.Write("stack/app.wasm", string.Empty);
        scenario.Write("stack/web/app.py", string.Empty);
        scenario.Write("stack/variables/all.env", "A=1");
        scenario.Write("stack/base/other.yaml", "services: { web: { labels: { a: b } } }");
        scenario.Write("stack/wasmrun-compose.yaml", $"services: {{ web: {{ {keys} }} }}");
        File.CreateSymbolicLink(scenario.PathOf("stack/linked"), scenario.PathOf("stack"));

        Assert.Equal(isReadOnly, scenario.Service("web", request => request with { WorkingDirectory = scenario.PathOf("stack") }).IsProjectReadOnly);
    }

    [Fact]
    public void Project_WithTheVariablesOfAManifestFromStandardInput_MayOnlyBeRead()
    {
        using var scenario = new Scenario();
        using var input = new StringReader("services: { web: { project: . } }");

        Assert.True(scenario.Service("web", request => request with { Files = ["-"], StandardInput = input }).IsProjectReadOnly);
    }
}
