using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Wasmrun.Tests.House;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>An unmodified Flask application on its own development server.</summary>
public sealed class FlaskTests : IClassFixture<FlaskStack>
{
    private const int UploadBytes = 50 << 20;

    private readonly FlaskStack _flask;

    public FlaskTests(FlaskStack flask)
    {
        flask.Require();
        _flask = flask;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpClient Client => _flask.Client;

    [Fact]
    public async Task Route_Answers() => Assert.Equal("""{"status":"ok"}""", (await Client.GetStringAsync("health", Token)).Trim());

    [Fact]
    public async Task Json_GoesBothWays()
    {
        using var content = new StringContent("""{"a":[1,2],"text":"é"}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await Client.PostAsync("json", content, Token);
        var got = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("got");
        Assert.Equal((2, "é"), (got.GetProperty("a")[1].GetInt32(), got.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Form_IsRead()
    {
        using var content = new FormUrlEncodedContent([new("name", "a b&c"), new("tag", "1"), new("tag", "2")]);
        using var answer = await Client.PostAsync("form?q=%C3%A9", content, Token);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(("a b&c", 2, "é"), (json.GetProperty("name").GetString(), json.GetProperty("tags").GetArrayLength(), json.GetProperty("query").GetString()));
    }

    [Fact]
    public async Task SessionCookieRedirectAndTemplate_WorkTogether()
    {
        Assert.Equal("Ada welcome <dark>", await Client.GetStringAsync("login/Ada", Token));
        Assert.Equal(["session", "theme"], _flask.Cookies.GetCookies(Client.BaseAddress!).Select(cookie => cookie.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Stream_ArrivesPieceByPiece() =>
        Assert.Equal("line 0 of x\nline 1 of x\nline 2 of x\n", await Client.GetStringAsync("stream?name=x", Token));

    [Fact]
    public async Task Upload_OfFiftyMegabytesArrivesWhole()
    {
        var bytes = RandomNumberGenerator.GetBytes(UploadBytes);
        using var content = new MultipartFormDataContent { { new ByteArrayContent(bytes), "file", "big.bin" } };
        using var answer = await Client.PostAsync("upload", content, Token);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(("big.bin", UploadBytes), (json.GetProperty("name").GetString(), json.GetProperty("size").GetInt32()));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), json.GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task Failure_AnswersWith500_AndItsTracebackReachesTheLogWhole()
    {
        using var answer = await Client.GetAsync("fail", Token);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        await _flask.Log.Saw("ZeroDivisionError: division by zero\n");
        Assert.Contains("ERROR app: Exception on /fail [GET]\nTraceback (most recent call last):\n", _flask.Log.Text, StringComparison.Ordinal);
        Assert.Contains("in fail\n    return str(1 / 0)\n", _flask.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ErrorHandler_Answers()
    {
        using var answer = await Client.GetAsync("nowhere", Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("nothing at /nowhere", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_IsKeptOnAVolume()
    {
        using var first = await Client.PostAsync("notes/one", content: null, Token);
        using var second = await Client.PostAsync("notes/two", content: null, Token);
        Assert.Equal("""["one","two"]""", (await second.Content.ReadAsStringAsync(Token)).Trim().Replace(", ", ",", StringComparison.Ordinal));
        Assert.True(new FileInfo(Path.Combine(_flask.Data, "notes.db")).Length > 0);
    }

    [Fact]
    public async Task Logging_ReachesTheLog()
    {
        Assert.Equal("logged", await Client.GetStringAsync("log", Token));
        await _flask.Log.Saw("WARNING shop: a warning\n");
        Assert.Contains("INFO shop: an entry of 10.", _flask.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SlowRequest_HoldsUpNoOther()
    {
        var slow = Client.GetStringAsync("sleep/1.5", Token);
        Assert.Equal("slept", await Client.GetStringAsync("sleep/0.01", Token));
        Assert.Equal("slept", await slow);
    }

    [Fact]
    public async Task ManyClients_AreAnswered()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Client.GetStringAsync("health", Token)));
        Assert.Single(answers.Distinct(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("app.py")]
    [InlineData("app:app")]
    public async Task Example_TakesEntries(string entrypoint)
    {
        var service = await _flask.StartAsync("example-" + entrypoint.Replace(':', '-'), Repository.PathOf("examples/flask"), entrypoint, $"{entrypoint.Length}.db");
        using var entry = new FormUrlEncodedContent([new("name", "Ada"), new("text", "hello")]);
        using var answer = await Client.PostAsync(service.Url("/"), entry, Token);
        Assert.Contains("<b>Ada</b>: hello", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }
}
