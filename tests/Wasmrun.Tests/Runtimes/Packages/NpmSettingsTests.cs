using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Packages.Settings;
using Wasmrun.Tests.Manifest;

namespace Wasmrun.Tests.Runtimes.Packages;

/// <summary>Settings of npm from files and variables, as npm itself reads them.</summary>
public sealed class NpmSettingsTests : IDisposable
{
    private readonly TemporaryFolder _home = new();
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    public NpmSettingsTests()
    {
        _environment["HOME"] = _home.Path;
        Directory.CreateDirectory(Project);
    }

    private string Project => Path.Combine(_home.Path, "project");

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Registry_IsNpmsOwnUnlessSet() => Assert.Equal("https://registry.npmjs.org/", Load().RegistryFor("left").AbsoluteUri);

    [Fact]
    public void Environment_WinsOverProject_AndThatOverHome()
    {
        _home.Write(".npmrc", "registry=https://home.test/npm\n@acme:registry=https://acme.test\n");
        Assert.Equal("https://home.test/npm/", Load().RegistryFor("left").AbsoluteUri);
        Assert.Equal("https://acme.test/", Load().RegistryFor("@acme/left").AbsoluteUri);
        Assert.Equal("https://home.test/npm/", Load().RegistryFor("@other/left").AbsoluteUri);

        _home.Write("project/.npmrc", "registry = \"https://project.test/\"\n");
        Assert.Equal("https://project.test/", Load().RegistryFor("left").AbsoluteUri);

        _environment["NPM_CONFIG_REGISTRY"] = "https://variable.test/";
        Assert.Equal("https://variable.test/", Load().RegistryFor("left").AbsoluteUri);
    }

    [Fact]
    public void UserConfig_NamesAnotherFile()
    {
        _home.Write("other", "registry=https://other.test/\n");
        _environment["npm_config_userconfig"] = Path.Combine(_home.Path, "other");
        Assert.Equal("https://other.test/", Load().RegistryFor("left").AbsoluteUri);
    }

    [Fact]
    public void File_HasCommentsQuotesAndVariables()
    {
        _environment["A"] = "valueA";
        var values = NpmrcFile.Parse(
            "; comment\n# comment\na = ${A} ; why\nb='x # y'\nc=${MISSING}\nd=${MISSING?}\ne\nca[]=one\nca[]=two\r\n[section]\nf=http://x/#y\n",
            _environment);
        Assert.Equal("valueA", values["a"]);
        Assert.Equal("x # y", values["b"]);
        Assert.Equal("${MISSING}", values["c"]);
        Assert.Equal("", values["d"]);
        Assert.Equal("true", values["e"]);
        Assert.Equal("one\ntwo", values["ca[]"]);
        Assert.Equal("http://x/#y", values["f"]);
    }

    [Theory]
    [InlineData("//r.test/:_authToken=t", "https://r.test/a/-/a.tgz", "Bearer t")]
    [InlineData("//r.test/npm/:_authToken=t", "https://r.test/npm/a/-/a.tgz", "Bearer t")]
    [InlineData("//r.test/npm/:_authToken=t", "https://r.test/other/a.tgz", null)]
    [InlineData("//r.test/:_authToken=t", "https://r.test.evil.test/a.tgz", null)]
    [InlineData("//r.test/:_authToken=t", "https://r.test:8443/a.tgz", null)]
    [InlineData("//r.test:8443/:_authToken=t", "https://r.test:8443/a.tgz", "Bearer t")]
    [InlineData("//r.test/:_auth=dTpw", "https://r.test/a.tgz", "Basic dTpw")]
    [InlineData("//r.test/:username=u\n//r.test/:_password=cA==", "https://r.test/a.tgz", "Basic dTpw")]
    [InlineData("//r.test/:_authToken=outer\n//r.test/npm/:_authToken=inner", "https://r.test/npm/a.tgz", "Bearer inner")]
    [InlineData("_authToken=t", "https://registry.npmjs.org/a.tgz", null)]
    public void Credentials_AreForTheirServerAndPath(string file, string address, string? header)
    {
        _home.Write(".npmrc", file);
        Assert.Equal(header, Load().CredentialsFor(new(address))?.ToString());
    }

    [Fact]
    public void Credentials_MayComeFromTheEnvironment()
    {
        _environment["npm_config_//r.test/:_authToken"] = "t";
        Assert.Equal("Bearer t", Load().CredentialsFor(new("https://r.test/a.tgz"))?.ToString());
    }

    [Fact]
    public void RegistryThatIsNoAddress_IsRefused()
    {
        _home.Write(".npmrc", "registry=nonsense\n");
        Assert.Contains("'nonsense', which is not an address", Assert.Throws<PackageFetchException>(() => Load().RegistryFor("left")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTPS_PROXY", "http://p.test:1", "https://r.test/", "http://p.test:1/")]
    [InlineData("https_proxy", "p.test:1", "https://r.test/", "http://p.test:1/")]
    [InlineData("HTTP_PROXY", "http://p.test:1", "https://r.test/", null)]
    [InlineData("HTTP_PROXY", "http://p.test:1", "http://r.test/", "http://p.test:1/")]
    [InlineData("ALL_PROXY", "http://p.test:1", "https://r.test/", "http://p.test:1/")]
    [InlineData("npm_config_https_proxy", "http://p.test:1", "https://r.test/", "http://p.test:1/")]
    [InlineData("npm_config_proxy", "http://p.test:1", "https://r.test/", "http://p.test:1/")]
    public void Proxy_DependsOnTheScheme(string variable, string value, string address, string? proxy)
    {
        _environment[variable] = value;
        Assert.Equal(proxy, new RegistryProxy(Load()).GetProxy(new(address))?.AbsoluteUri);
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("r.test", true)]
    [InlineData(".test", true)]
    [InlineData("*.test", true)]
    [InlineData("other.test, r.test", true)]
    [InlineData("r.test:443", true)]
    [InlineData("r.test:80", false)]
    [InlineData("est", false)]
    public void NoProxy_ExceptsHosts(string rule, bool direct)
    {
        _environment["HTTPS_PROXY"] = "http://p.test:1";
        _environment["NO_PROXY"] = rule;
        Assert.Equal(direct, new RegistryProxy(Load()).GetProxy(new("https://r.test/")) is null);
    }

    [Fact]
    public void ProxysUser_StandsInItsAddress()
    {
        _environment["HTTPS_PROXY"] = "http://me:se%40cret@p.test:1";
        var credential = new RegistryProxy(Load()).Credentials!.GetCredential(new("http://p.test:1/"), "Basic");
        Assert.Equal(("me", "se@cret"), (credential!.UserName, credential.Password));
    }

    [Fact]
    public void FileOfCertificatesThatIsNotThere_IsSaid()
    {
        _home.Write("project/.npmrc", "cafile=ca.pem\n");
        var refused = Assert.Throws<PackageFetchException>(() => RegistryTrust.Options(Load()));
        Assert.Contains(Path.Combine(Project, "ca.pem"), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LinkOutOfTheProject_DoesNotCount()
    {
        _home.Write("outside", "registry=https://outside.test/\n");
        File.CreateSymbolicLink(Path.Combine(Project, ".npmrc"), Path.Combine(_home.Path, "outside"));
        Assert.NotEqual("https://outside.test/", Load().RegistryFor("left").AbsoluteUri);
    }

    private NpmSettings Load() => NpmSettings.Load(_environment, Project);
}
