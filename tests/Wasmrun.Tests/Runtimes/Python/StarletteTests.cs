using System.Net.WebSockets;
using System.Text;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox.Wasi.Sockets;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>Starlette and FastAPI as Debian's <c>python3-starlette</c> and <c>python3-fastapi</c> have them, on the server in the guest.</summary>
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
        var service = await StartAsync("starlette");

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

    [Fact]
    public async Task FastApi_ChecksWhatItIsGiven_AndDescribesItself()
    {
        var service = await StartAsync("fastapi");

        Assert.Equal("""201 {"number":7,"total":2.5}""", await PutAsync(service, "/things/7", """{"name":"pen","price":2.5,"tags":["blue"]}"""));
        Assert.Equal("""{"name":"pen","price":2.5,"tags":["blue"]}""", await _client.GetStringAsync(service.Url("/things/7"), Token));
        Assert.Equal("""[{"name":"pen","price":2.5,"tags":["blue"]}]""", await _client.GetStringAsync(service.Url("/things?most=1"), Token));
        Assert.Equal("""404 {"detail":"no thing 8"}""", await ReadAsync(await _client.GetAsync(service.Url("/things/8"), Token)));
        var refused = await PutAsync(service, "/things/8", """{"name":"x","price":0}""");
        Assert.StartsWith("422 ", refused, StringComparison.Ordinal);
        Assert.Contains("""["body","name"],"msg":"ensure this value has at least 2 characters""", refused, StringComparison.Ordinal);
        Assert.Contains("""["body","price"],"msg":"ensure this value is greater than 0""", refused, StringComparison.Ordinal);
        Assert.StartsWith("422 ", await ReadAsync(await _client.GetAsync(service.Url("/things/seven"), Token)), StringComparison.Ordinal);
        Assert.Contains("\"title\":\"things\"", await _client.GetStringAsync(service.Url("/openapi.json"), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FastApi_TalksOverWebSockets()
    {
        var service = await StartAsync("fastapi");
        using var socket = new ClientWebSocket();
        socket.Options.Proxy = null;
        await socket.ConnectAsync(new($"ws://127.0.0.1:{service.HostPort}/talk/ann?most=3"), Token);

        foreach (var sum in new[] { 6, 7 })
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes($"[1, 2, {sum - 3}]"), WebSocketMessageType.Text, endOfMessage: true, Token);
            var answer = new byte[256];
            var received = await socket.ReceiveAsync(answer, Token);
            using var json = System.Text.Json.JsonDocument.Parse(answer.AsMemory(0, received.Count));
            Assert.Equal(("ann", 3, sum), (json.RootElement.GetProperty("name").GetString(), json.RootElement.GetProperty("most").GetInt32(), json.RootElement.GetProperty("sum").GetInt32()));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Token);
        await _stack.Output.Saw("the talk has ended\n");
    }

    private async Task<string> PutAsync(RunningService service, string path, string json)
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        return await ReadAsync(await _client.PutAsync(service.Url(path), body, Token));
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Token)}";
        }
    }

    private async Task<RunningService> StartAsync(string package)
    {
        var isThere = Directory.Exists(Path.Combine(Packages, package));
        var mayMiss = Environment.GetEnvironmentVariable("WASMRUN_TESTS_REQUIRE_ALL") is not ("1" or "true");
        Assert.SkipWhen(!isThere && mayMiss, $"{package} is not installed (Debian package python3-{package})");
        Assert.True(isThere, $"{package} is not installed (Debian package python3-{package}), and WASMRUN_TESTS_REQUIRE_ALL is set");
        return await _stack.StartListeningAsync(
            "web",
            PythonStack.Project(package),
            8000,
            environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["PYTHONPATH"] = "/packages" },
            mounts: new GuestMount.Host("/packages", Packages, ReadOnly: true));
    }
}
