using Wasmrun.Cli.Rendering;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Specs;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Rendering;

public sealed class ManifestWriterTests : IDisposable
{
    private readonly TemporaryProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void WrittenManifest_IsTheSameStack()
    {
        File.WriteAllText(Path.Combine(_project.Root, "web.wat"), "(module)");
        Directory.CreateDirectory(Path.Combine(_project.Root, "data"));
        var first = Load("""
            name: shop
            services:
              web:
                module: ./web.wat
                command: ["--price", "$$5", "yes", "08", "a b"]
                environment: { PORT: "3000", EMPTY: "", DOLLAR: "$${HOME}", ODD: "a: b # c" }
                forwards: ["8080:3000", "127.0.0.1:9000:9000/udp", "[::]:9001:9001", "3001", "0.0.0.0:auto:3002", "7000-7001:7000-7001"]
                hold: 1500ms
                networks: [front]
                egress: ["api.example.com:443", "*.example.org", "10.0.0.0/8", "[fd00::1]:80"]
                volumes: ["./data:/data:ro", "cache:/var/cache", { type: tmpfs, target: "/a:b" }]
                tmpfs: [/run, "/tmp:size=1.5m"]
                secrets: [password, { source: token, target: api-token }]
                configs: [{ source: app, target: /etc/app.json }]
                depends_on: { db: { condition: service_healthy, restart: true, required: false }, api: { condition: service_completed_successfully } }
                restart: { policy: on-failure, max_attempts: 5, delay: 250ms, max_delay: 10s, backoff: linear, jitter: false, window: 90s }
                stop_grace_period: 2s
                deploy: { resources: { limits: { memory: 64M, cpus: "0.5", descriptors: 4096, output_rate: 1m } }, update_config: { order: stop-first } }
                logging: { max_size: 1M, max_file: 5 }
                labels: { "a.b": "no" }
              db: { module: ./web.wat, networks: { front: , back: { aliases: [store, "08"] } }, restart: always }
              api: { module: ./web.wat, networks: [front] }
            networks: { front: {}, back: { internal: true } }
            volumes: { cache: {}, state: { exclusive: true } }
            secrets: { password: { file: ./web.wat }, token: { environment: DB_TOKEN } }
            configs: { app: { content: "{ price: $$5 }" } }
            """);
        var written = ManifestWriter.Write(first);
        Assert.DoesNotContain("hidden", written, StringComparison.Ordinal);
        var second = Load(written);
        Assert.Equivalent(WithoutPlaces(first), WithoutPlaces(second), strict: true);
        Assert.Equal(Addresses(first), Addresses(second), StringComparer.Ordinal);
        Assert.Equal(written, ManifestWriter.Write(second));
    }

    [Fact]
    public void UsualValues_StayUnwritten()
    {
        File.WriteAllText(Path.Combine(_project.Root, "web.wat"), "(module)");
        var stack = Load("name: shop\nservices: { web: { module: ./web.wat } }");
        Assert.Equal($"name: shop\nservices:\n  web:\n    module: {_project.Root}/web.wat\n", ManifestWriter.Write(stack));
    }

    private StackSpec Load(string text)
    {
        var result = ManifestLoader.Load(new ManifestRequest(_project.Root, new Dictionary<string, string>(StringComparer.Ordinal) { ["DB_TOKEN"] = "hidden" })
        {
            Files = ["-"],
            StandardInput = new StringReader(text),
        });
        Assert.Empty(result.Diagnostics);
        return result.Stack!;
    }

    /// <summary>By text, because an address cannot be compared property by property.</summary>
    private static IEnumerable<string> Addresses(StackSpec stack) =>
        stack.Services.SelectMany(service => service.Forwards).Select(forward => string.Join(' ', forward.Addresses));

    private static StackSpec WithoutPlaces(StackSpec stack)
    {
        var place = new SourceLocation("nowhere", 1, 1);
        return stack with
        {
            Services =
            [
                .. stack.Services.Select(service => service with
                {
                    Location = place,
                    Forwards = [.. service.Forwards.Select(forward => forward with { Location = place, Addresses = [] })],
                    Egress = [.. service.Egress.Select(egress => egress with { Location = place })],
                    Mounts = [.. service.Mounts.Select(mount => mount with { Location = place })],
                    DependsOn = [.. service.DependsOn.Select(dependency => dependency with { Location = place })],
                }),
            ],
            Networks = [.. stack.Networks.Select(network => network with { Location = null })],
            Volumes = [.. stack.Volumes.Select(volume => volume with { Location = null })],
        };
    }
}
