using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Packages.Settings;
using Wasmrun.Tests.Manifest;

namespace Wasmrun.Tests.Runtimes.Packages;

/// <summary>Certificates of the user, against registries that let in nobody without the right one.</summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private readonly TemporaryFolder _home = new();
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private readonly X509Certificate2 _server = Certificate("localhost");
    private readonly X509Certificate2 _client = Certificate("user");
    private TestRegistry _registry = null!;
    private LockedPackage _package = null!;

    private string Server => $"//{_registry.Address.Authority}/";

    public async ValueTask InitializeAsync()
    {
        _registry = await TestRegistry.StartAsync(_server, _client);
        _package = _registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"));
        _environment["HOME"] = _home.Path;
        _environment["npm_config_registry"] = _registry.Address.AbsoluteUri;
        _environment["npm_config_strict_ssl"] = "false";
        _home.Write("secret/user.crt", _client.ExportCertificatePem());
        _home.Write("secret/user.key", Key(_client));
        _home.Write("secret/other.key", Key(_server));
    }

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _server.Dispose();
        _client.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task ServerThatWantsOne_IsNotServedWithout_AndTheMessageSaysHow()
    {
        var refused = await FailAsync();

        Assert.Empty(_registry.Requests);
        Assert.Contains($"{Server}:certfile=FILE", refused, StringComparison.Ordinal);
        Assert.Contains($"{Server}:keyfile=FILE", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("~/secret/user")]
    [InlineData("secret/user")]
    public async Task Files_AreThoseForTheServer_FromHomeOrBesideTheSettings(string name)
    {
        _home.Write(".npmrc", $"{Server}:certfile={name}.crt\n{Server}:keyfile={name}.key\n");

        await GetAsync();
    }

    [Fact]
    public async Task Files_MayComeFromTheEnvironment()
    {
        _environment[$"npm_config_{Server}:certfile"] = Path.Combine(_home.Path, "secret", "user.crt");
        _environment[$"npm_config_{Server}:keyfile"] = Path.Combine(_home.Path, "secret", "user.key");

        await GetAsync();
    }

    [Fact]
    public async Task Texts_AreForTheServersOfRegistries()
    {
        _home.Write(".npmrc", $"cert=\"{OneLine(_client.ExportCertificatePem())}\"\nkey=\"{OneLine(Key(_client))}\"\n");

        await GetAsync();
    }

    [Fact]
    public async Task CertificateOfOneServer_IsNotShownToAnotherThatItRedirectsTo()
    {
        _home.Write(".npmrc", $"{Server}:certfile=secret/user.crt\n{Server}:keyfile=secret/user.key\n");
        await using var other = await TestRegistry.StartAsync(_server, _client);
        _registry.Intercept = context =>
        {
            context.Response.Redirect($"{other.Address}elsewhere.tgz");
            return Task.FromResult(true);
        };

        await FailAsync();

        Assert.NotEmpty(_registry.Requests);
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("https://r.test/npm/left", "inner.crt")]
    [InlineData("https://r.test/left", "outer.crt")]
    [InlineData("https://r.test:8443/npm/left", null)]
    [InlineData("https://other.test/npm/left", null)]
    [InlineData("http://r.test/npm/left", null)]
    [InlineData("https://registry.npmjs.org/left", "TEXT")]
    public void Identity_IsThatOfTheLongestPath_AndTextsStayWithRegistries(string address, string? certificate)
    {
        _environment.Remove("npm_config_registry");
        _home.Write(
            ".npmrc",
            "cert=TEXT\nkey=K\n//r.test/:certfile=outer.crt\n//r.test/:keyfile=outer.key\n//r.test/npm/:certfile=inner.crt\n//r.test/npm/:keyfile=inner.key\n");

        var identity = NpmSettings.Load(_environment, projectFolder: null).IdentityFor(new(address));

        Assert.Equal(certificate, identity is null ? null : Path.GetFileName(identity.Certificate));
    }

    [Fact]
    public async Task CertificateWithoutItsKey_IsSaid()
    {
        _home.Write(".npmrc", $"{Server}:certfile=secret/user.crt\n");

        Assert.Contains($"'{Server}:certfile' is of no use without '{Server}:keyfile'", await FailAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret/other.key")]
    [InlineData("secret/missing.key")]
    [InlineData("secret/user.crt")]
    public async Task WhatIsNotTheKey_IsSaidByItsName(string key)
    {
        _home.Write(".npmrc", $"{Server}:certfile=secret/user.crt\n{Server}:keyfile={key}\n");

        Assert.Contains(Path.Combine(_home.Path, key), await FailAsync(), StringComparison.Ordinal);
    }

    private static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static string Key(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static string OneLine(string pem) => pem.Replace("\n", "\\n", StringComparison.Ordinal);

    private Task<string> GetAsync() => RuntimePackages.GetAsync(
        _package,
        new(Path.Combine(_home.Path, "cache"), _environment) { Fetching = new(TimeProvider.System) { RetryDelay = TimeSpan.Zero, MaxRetryDelay = TimeSpan.Zero } },
        projectFolder: null,
        TestContext.Current.CancellationToken);

    private async Task<string> FailAsync() => (await Assert.ThrowsAsync<PackageFetchException>(GetAsync)).Message;
}
