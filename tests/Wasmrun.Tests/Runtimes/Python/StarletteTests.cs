using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>Starlette, which FastAPI stands on, as Debian's <c>python3-starlette</c> has it, on the server in the guest.</summary>
public sealed class StarletteTests : IAsyncLifetime
{
    private const string Packages = "/usr/lib/python3/dist-packages";

    private readonly PythonStack _stack = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _stack.DisposeAsync();
    }

    [Fact]
    public async Task Starlette_AnswersFromCoroutines_FunctionsAndStreams()
    {
        var isThere = Directory.Exists(Path.Combine(Packages, "starlette"));
        Assert.SkipWhen(!isThere && Environment.GetEnvironmentVariable("WASMRUN_TESTS_REQUIRE_ALL") is not ("1" or "true"), "Starlette is not installed (Debian package python3-starlette)");
        Assert.True(isThere);
        var service = await _stack.StartListeningAsync(
            "web",
            PythonStack.Project("starlette"),
            8000,
            environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["PYTHONPATH"] = "/packages" },
            mounts: new GuestMount.Host("/packages", Packages, ReadOnly: true));

        Assert.Equal("""{"hello":"you","query":{"a":"b"}}""", await _client.GetStringAsync(service.Url("/hello/you?a=b"), Token));
        Assert.Equal("no coroutine, 1", await _client.GetStringAsync(service.Url("/plain"), Token));
        Assert.Equal("line 0\nline 1\nline 2\n", await _client.GetStringAsync(service.Url("/stream"), Token));
        Assert.Equal("background\n", await _client.GetStringAsync(service.Url("/background"), Token));
        await _stack.Output.Saw("the background task ran\n");
        using var echoed = await _client.PostAsync(service.Url("/echo"), new StringContent("body"), Token);
        Assert.Equal("body", await echoed.Content.ReadAsStringAsync(Token));

        var (exit, _) = await PythonStack.TerminateAsync(service);
        Assert.Equal(new InstanceExit.Exited(143), exit);
        Assert.EndsWith("down\n", _stack.Output.Text, StringComparison.Ordinal);
    }
}
