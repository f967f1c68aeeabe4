using System.Net;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox;
using Wasmrun.Tests.Sandbox.Wasi.Sockets;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>One running Flask application, with the Flask of Debian's <c>python3-flask</c>, for all the tests that only ask it something.</summary>
public sealed class FlaskStack : IAsyncLifetime
{
    private const string Packages = "/usr/lib/python3/dist-packages";

    private readonly PythonStack _stack = new();

    /// <summary>Why there is none; null when it runs.</summary>
    private string? _missing;

    internal HttpClient Client { get; private set; } = new();

    internal CookieContainer Cookies { get; } = new();

    /// <summary>What the application has printed.</summary>
    internal RecordedOutput Log => _stack.Output;

    /// <summary>The folder of the host that the application keeps its database in.</summary>
    internal string Data => _stack.Sub("data");

    public async ValueTask InitializeAsync()
    {
        if (!Directory.Exists(Path.Combine(Packages, "flask")))
        {
            _missing = "Flask is not installed (Debian package python3-flask)";
            return;
        }

        var service = await StartAsync("web", PythonStack.Project("flask"), entrypoint: null, "notes.db");
        Client = new(new SocketsHttpHandler { UseProxy = false, CookieContainer = Cookies })
        {
            BaseAddress = service.Url("/"),
            Timeout = TimeSpan.FromSeconds(90),
        };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _stack.DisposeAsync();
    }

    /// <summary>Starts another project with the same Flask.</summary>
    internal Task<RunningService> StartAsync(string name, string folder, string? entrypoint, string database)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PYTHONPATH"] = "/packages", ["DATABASE"] = $"/data/{database}" };
        return _stack.StartListeningAsync(
            name,
            folder,
            5000,
            entrypoint,
            environment,
            new GuestMount.Host("/packages", Packages, ReadOnly: true),
            new GuestMount.Host("/data", Data, ReadOnly: false));
    }

    /// <summary>Skips a test where Flask is missing; where all tests must run, it fails instead.</summary>
    internal void Require()
    {
        var mayMiss = Environment.GetEnvironmentVariable("WASMRUN_TESTS_REQUIRE_ALL") is not ("1" or "true");
        Assert.SkipWhen(_missing is not null && mayMiss, _missing ?? string.Empty);
        Assert.Null(_missing);
    }
}
