using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Wasmrun.Runtimes;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Tests.Manifest;

namespace Wasmrun.Tests.Runtimes.Packages;

/// <summary>Fetching, checking, unpacking and keeping packages, against a registry in this process.</summary>
public sealed class PackageFetchTests : IAsyncLifetime
{
    private readonly TemporaryFolder _home = new();
    private readonly List<string> _told = [];
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private TestRegistry _registry = null!;

    private string Cache => Path.Combine(_home.Path, "cache", "runtimes");

    public async ValueTask InitializeAsync()
    {
        _registry = await TestRegistry.StartAsync();
        _environment["HOME"] = _home.Path;
        _environment["npm_config_registry"] = _registry.Address.AbsoluteUri;
    }

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _home.Dispose();
    }

    [Fact]
    public async Task Package_IsUnpackedWithoutItsFirstFolder_AndFetchedOnce()
    {
        var package = _registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"), TestRegistry.File("package/lib/a.js", "2"));

        var folder = await GetAsync(package);
        await _registry.DisposeAsync();

        Assert.Equal("1", await File.ReadAllTextAsync(Path.Combine(folder, "index.js"), TestContext.Current.CancellationToken));
        Assert.Equal("2", await File.ReadAllTextAsync(Path.Combine(folder, "lib", "a.js"), TestContext.Current.CancellationToken));
        Assert.Equal(folder, await GetAsync(package));
        Assert.Equal(["/left/-/left-1.0.0.tgz"], _registry.Requests);
        Assert.StartsWith("fetching left 1.0.0 from 127.0.0.1 (", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cache_IsClosedToOtherUsers_AlsoWhenItWasOpen()
    {
        Directory.CreateDirectory(Cache, (UnixFileMode)0x1ff);

        var folder = await GetAsync(_registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1")));

        Assert.All(
            [Cache, Path.GetDirectoryName(folder)!, folder],
            path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path)));
    }

    [Fact]
    public async Task WrongHash_IsRefused_AndNothingIsKept()
    {
        var package = _registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"));
        _registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "evil"));

        var refused = await FailAsync(package);

        Assert.Contains("is not what the lock file names", refused, StringComparison.Ordinal);
        Assert.Contains(package.Integrity, refused, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Cache, "packages")));
        Assert.Single(_registry.Requests);
    }

    [Fact]
    public async Task WithoutHash_NothingIsFetched()
    {
        var refused = await FailAsync(new("left", "1.0.0", "md5-AAAA"));

        Assert.Contains("no hash for left 1.0.0", refused, StringComparison.Ordinal);
        Assert.Empty(_registry.Requests);
    }

    [Fact]
    public async Task WithoutNetwork_TheMessageSaysWhatToCheck()
    {
        var package = _registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"));
        await _registry.DisposeAsync();

        Assert.Contains("cannot be reached", await FailAsync(package), StringComparison.Ordinal);

        _environment["npm_config_registry"] = "https://registry.invalid/";

        Assert.Contains("no host 'registry.invalid', or no network", await FailAsync(package), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StatusCodes.Status401Unauthorized, "put a token into ~/.npmrc: //127.0.0.1")]
    [InlineData(StatusCodes.Status403Forbidden, "it forbids that")]
    [InlineData(StatusCodes.Status404NotFound, "it does not have that")]
    public async Task Refusal_IsNotRepeated_AndSaysWhatToDo(int status, string advice)
    {
        var package = _registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"));
        _registry.Intercept = context =>
        {
            context.Response.StatusCode = status;
            return Task.FromResult(true);
        };

        var refused = await FailAsync(package);

        Assert.Contains(advice, refused, StringComparison.Ordinal);
        Assert.Single(_registry.Requests);
    }

    [Theory]
    [InlineData(StatusCodes.Status503ServiceUnavailable)]
    [InlineData(StatusCodes.Status429TooManyRequests)]
    public async Task PassingTrouble_IsWaitedOut(int status)
    {
        var package = _registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"));
        var refusals = 2;
        _registry.Intercept = context =>
        {
            context.Response.StatusCode = refusals > 0 ? status : StatusCodes.Status200OK;
            return Task.FromResult(refusals-- > 0);
        };

        await GetAsync(package);

        Assert.Equal(3, _registry.Requests.Count);
    }

    [Fact]
    public async Task BrokenTransfer_IsBegunAnew()
    {
        var package = _registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"));
        var breaks = 1;
        _registry.Intercept = async context =>
        {
            if (breaks-- > 0)
            {
                context.Response.ContentLength = 1000;
                await context.Response.Body.WriteAsync(new byte[10]);
                await context.Response.Body.FlushAsync();
                context.Abort();
                return true;
            }

            return false;
        };

        await GetAsync(package);

        Assert.Equal(2, _registry.Requests.Count);
    }

    [Fact]
    public async Task Token_GoesToTheServerThatItIsFor_AndToNoOtherThatItRedirectsTo()
    {
        await using var other = await TestRegistry.StartAsync();
        var package = other.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"));
        _home.Write(".npmrc", $"//{_registry.Address.Authority}/:_authToken=${{SECRET}}\n");
        _environment["SECRET"] = "opensesame";
        _registry.Intercept = context =>
        {
            context.Response.Redirect(new Uri(other.Address, context.Request.Path.Value![1..]).AbsoluteUri);
            return Task.FromResult(true);
        };

        await GetAsync(package);

        Assert.Equal(["/left/-/left-1.0.0.tgz Bearer opensesame"], _registry.Requests);
        Assert.Equal(["/left/-/left-1.0.0.tgz"], other.Requests);
    }

    [Fact]
    public async Task Scope_HasARegistryOfItsOwn()
    {
        await using var other = await TestRegistry.StartAsync();
        var package = other.Publish("@acme/left", "1.0.0", TestRegistry.File("package/index.js", "1"));
        var project = Directory.CreateDirectory(Path.Combine(_home.Path, "project")).FullName;
        _home.Write("project/.npmrc", $"@acme:registry={other.Address}\n");

        await GetAsync(package, project);

        Assert.Empty(_registry.Requests);
        Assert.Equal(["/@acme/left/-/left-1.0.0.tgz"], other.Requests);
    }

    [Fact]
    public async Task AddressOfThePublicRegistry_MeansTheUsersOwn()
    {
        var package = _registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"));

        await GetAsync(package with { Address = new("https://registry.npmjs.org/left/-/left-1.0.0.tgz") });

        Assert.Single(_registry.Requests);
    }

    [Fact]
    public async Task EndlessRedirects_AreGivenUp()
    {
        var package = _registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"));
        _registry.Intercept = context =>
        {
            context.Response.Redirect(context.Request.Path);
            return Task.FromResult(true);
        };

        Assert.Contains("redirects more than 10 times", await FailAsync(package), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("package/../../escaped")]
    [InlineData("package/a/../../../escaped")]
    [InlineData("/escaped")]
    public async Task EntryThatLeadsOut_RefusesTheArchive(string entry)
    {
        var package = _registry.Publish("evil", "1.0.0", TestRegistry.File("package/a.js", "1"), TestRegistry.File(entry, "out"));

        Assert.Contains($"its entry '{entry}' leads out of its folder", await FailAsync(package), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Cache, "packages")));
    }

    [Fact]
    public async Task Links_AreLeftOut_AndNothingIsWrittenThroughThem()
    {
        var package = _registry.Publish(
            "evil",
            "1.0.0",
            new PaxTarEntry(TarEntryType.SymbolicLink, "package/out") { LinkName = _home.Path },
            new PaxTarEntry(TarEntryType.HardLink, "package/passwd") { LinkName = "/etc/passwd" },
            TestRegistry.File("package/out/written", "1"));

        var folder = await GetAsync(package);

        Assert.Equal(["out"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
        Assert.Null(new DirectoryInfo(Path.Combine(folder, "out")).LinkTarget);
        Assert.False(File.Exists(Path.Combine(_home.Path, "written")));
    }

    [Fact]
    public async Task ArchiveOfTooMuch_IsRefusedBeforeItIsWritten()
    {
        using var bomb = new MemoryStream();
        using (var zip = new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            // A file of 2 GiB would follow.
            zip.Write(Header("package/bomb", "20000000000\0"u8, "0000000\0"u8));
            zip.Write(new byte[1024]);
        }

        Assert.Contains("more than 1024 MiB", await FailAsync(_registry.Publish("bomb", "1.0.0", bomb.ToArray())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LongNames_AndOwnersThatTheFormatCannotSay_AreRead()
    {
        var path = $"package/{string.Join('/', Enumerable.Repeat("folder-with-a-name", 12))}/ß.js";
        var package = _registry.Publish("left", "1.0.0", TestRegistry.File(path, "long"));
        using var archive = new MemoryStream();
        using (var zip = new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(Header("package/index.js", "00000000004\0"u8, [0x80, 0, 0, 0, 0x70, 0x5a, 0x65, 0x38]));
            zip.Write("text"u8);
            zip.Write(new byte[508 + 1024]);
        }

        var folder = await GetAsync(package);
        var odd = await GetAsync(_registry.Publish("odd", "1.0.0", archive.ToArray()));

        Assert.Equal("long", await File.ReadAllTextAsync(Path.Combine(folder, path["package/".Length..]), TestContext.Current.CancellationToken));
        Assert.Equal("text", await File.ReadAllTextAsync(Path.Combine(odd, "index.js"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ArchiveThatIsCutOff_IsRefused()
    {
        using var archive = new MemoryStream();
        using (var zip = new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(Header("package/index.js", "00000001000\0"u8, "0000000\0"u8));
            zip.Write("text"u8);
        }

        Assert.Contains("damaged: it is cut off", await FailAsync(_registry.Publish("left", "1.0.0", archive.ToArray())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DamagedArchive_IsRefused() =>
        Assert.Contains("damaged", await FailAsync(_registry.Publish("left", "1.0.0", RandomNumberGenerator.GetBytes(100))), StringComparison.Ordinal);

    [Fact]
    public async Task SeveralAtOnce_FetchOnce()
    {
        var package = _registry.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"));

        var folders = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => GetAsync(package)));

        Assert.Single(folders.Distinct(StringComparer.Ordinal));
        Assert.Single(_registry.Requests);
    }

    [Fact]
    public async Task Certificate_IsBelievedOnlyIfItsAuthorityIs()
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var secure = await TestRegistry.StartAsync(certificate);
        var package = secure.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1"));
        _environment["npm_config_registry"] = secure.Address.AbsoluteUri;

        var refused = await FailAsync(package);
        _home.Write("ca.pem", certificate.ExportCertificatePem());
        _home.Write(".npmrc", "cafile=~/ca.pem\n");

        Assert.Contains("its certificate is not trusted", refused, StringComparison.Ordinal);
        Assert.Contains("cafile=FILE", refused, StringComparison.Ordinal);
        await GetAsync(package);
    }

    [Fact]
    public async Task CheckOfCertificates_CanBeSwitchedOff()
    {
        using var key = ECDsa.Create();
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=other", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var secure = await TestRegistry.StartAsync(certificate);
        _environment["npm_config_registry"] = secure.Address.AbsoluteUri;
        _environment["npm_config_strict_ssl"] = "false";

        await GetAsync(secure.Publish("left", "1.0.0", TestRegistry.File("package/index.js", "1")));
    }

    private static byte[] Header(string name, ReadOnlySpan<byte> size, ReadOnlySpan<byte> owner)
    {
        var header = new byte[512];
        System.Text.Encoding.ASCII.GetBytes(name).CopyTo(header, 0);
        "0000644\0"u8.CopyTo(header.AsSpan(100));
        owner.CopyTo(header.AsSpan(108));
        size.CopyTo(header.AsSpan(124));
        header[156] = (byte)'0';
        "ustar\u000000"u8.CopyTo(header.AsSpan(257));
        "        "u8.CopyTo(header.AsSpan(148));
        System.Text.Encoding.ASCII.GetBytes($"{Convert.ToString(header.Sum(static value => value), 8).PadLeft(6, '0')}\0 ").CopyTo(header, 148);
        return header;
    }

    private Task<string> GetAsync(LockedPackage package, string? project = null) =>
        RuntimePackages.GetAsync(package, Options(), project, TestContext.Current.CancellationToken);

    private async Task<string> FailAsync(LockedPackage package) =>
        (await Assert.ThrowsAsync<PackageFetchException>(() => GetAsync(package))).Message;

    private RuntimeOptions Options() => new(Cache, _environment)
    {
        Tell = line =>
        {
            lock (_told)
            {
                _told.Add(line);
            }
        },
        Fetching = new(TimeProvider.System) { RetryDelay = TimeSpan.Zero, MaxRetryDelay = TimeSpan.Zero },
    };
}
