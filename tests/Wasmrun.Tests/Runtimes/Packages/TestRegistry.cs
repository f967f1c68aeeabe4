using System.Collections.Concurrent;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Wasmrun.Runtimes.Packages;

namespace Wasmrun.Tests.Runtimes.Packages;

/// <summary>A registry of npm in this process, which serves archives that the test makes and remembers what it was asked.</summary>
internal sealed class TestRegistry : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    private TestRegistry(WebApplication server) => _server = server;

    public Uri Address { get; private set; } = null!;

    /// <summary>Each request as its path, then its authorization if it had one.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Answers a request itself when it says true.</summary>
    public Func<HttpContext, Task<bool>> Intercept { get; set; } = static _ => Task.FromResult(false);

    /// <summary>Listens on a port that the system chooses.</summary>
    /// <param name="certificate">Makes it speak TLS.</param>
    /// <param name="client">The only certificate of clients that it lets in; null lets in everybody.</param>
    public static async Task<TestRegistry> StartAsync(X509Certificate2? certificate = null, X509Certificate2? client = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate, https =>
                {
                    https.ClientCertificateMode = client is null ? ClientCertificateMode.NoCertificate : ClientCertificateMode.RequireCertificate;
                    https.ClientCertificateValidation = (shown, _, _) => shown.Equals(client);
                });
            }
        }));
        var registry = new TestRegistry(builder.Build());
        registry._server.Run(registry.AnswerAsync);
        await registry._server.StartAsync(TestContext.Current.CancellationToken);
        registry.Address = new(registry._server.Urls.Single() + "/");
        return registry;
    }

    /// <summary>Publishes an archive with these entries, text or whole.</summary>
    public LockedPackage Publish(string name, string version, params TarEntry[] entries)
    {
        using var archive = new MemoryStream();
        using (var zip = new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zip))
        {
            foreach (var entry in entries)
            {
                tar.WriteEntry(entry);
            }
        }

        return Publish(name, version, archive.ToArray());
    }

    /// <summary>Publishes bytes as an archive.</summary>
    public LockedPackage Publish(string name, string version, byte[] archive)
    {
        _files[$"/{name}/-/{name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]}-{version}.tgz"] = archive;
        return new(name, version, "sha512-" + Convert.ToBase64String(SHA512.HashData(archive)));
    }

    /// <summary>Answers a path with a text.</summary>
    public void Serve(string path, string text) => _files[path] = Encoding.UTF8.GetBytes(text);

    public static TarEntry File(string path, string text) =>
        new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Requests.Enqueue($"{path} {context.Request.Headers.Authorization}".TrimEnd());
        if (await Intercept(context))
        {
            return;
        }

        if (_files.TryGetValue(path, out var bytes))
        {
            context.Response.ContentLength = bytes.Length;
            await context.Response.Body.WriteAsync(bytes);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}
