using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>Frameworks and clients of npm as they are, installed from lock files by the program itself.</summary>
public sealed class NodePackageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Express4_RoutesParsesAndCatches()
    {
        await using var stack = await UpAsync("express4");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));

        Assert.Equal("""{"id":"7","query":{"a":["1","2"]}}""", await client.GetStringAsync("/api/users/7?a=1&a=2", Token));
        Assert.Equal("""{"a":{"b":"c"}}""", await PostAsync(client, "/api/echo", new FormUrlEncodedContent([new("a[b]", "c")]), HttpStatusCode.Created));
        using var failed = await client.GetAsync("/api/fail", Token);
        Assert.Equal((HttpStatusCode.InternalServerError, "caught broken"), (failed.StatusCode, await failed.Content.ReadAsStringAsync(Token)));
    }

    [Fact]
    public async Task Koa_RunsItsMiddleware()
    {
        await using var stack = await UpAsync("koa");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));

        using var answer = await client.GetAsync("/json?a=1", Token);
        Assert.Equal("""{"query":{"a":"1"},"ip":"string"}""", await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("/json", Assert.Single(answer.Headers.GetValues("X-Path")));
        using var failed = await client.GetAsync("/fail", Token);
        Assert.Equal((418, "teapot"), ((int)failed.StatusCode, await failed.Content.ReadAsStringAsync(Token)));
    }

    [Fact]
    public async Task Fastify_ValidatesAndSerializes()
    {
        await using var stack = await UpAsync("fastify");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));

        Assert.Equal("""{"id":7}""", await client.GetStringAsync("/users/7", Token));
        using var refused = await client.GetAsync("/users/x", Token);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("params/id must be integer", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal("""{"a":1}""", await PostAsync(client, "/echo", JsonContent.Create(new { a = 1 }), HttpStatusCode.Created));
    }

    [Fact]
    public async Task Hono_AnswersThroughFetch()
    {
        await using var stack = await UpAsync("hono");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));

        Assert.Equal("""{"id":"7","query":"x y"}""", await client.GetStringAsync("/users/7?q=x%20y", Token));
        Assert.Equal("""{"a":1}""", await PostAsync(client, "/echo", JsonContent.Create(new { a = 1 }), HttpStatusCode.Created));
    }

    [Theory]
    [InlineData("/plain")]
    [InlineData("/deflate")]
    public async Task WebSockets_CarryTextBytesAndTheEnd(string path)
    {
        await using var stack = await UpAsync("websocket");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));

        Assert.Equal("""{"received":[4,[1,2,3],70000],"code":1000,"reason":"enough"}""", await client.GetStringAsync(path, Token));
    }

    [Fact]
    public async Task Redis_SpeaksToTheStoreOfTheStack()
    {
        await using var stack = await UpAsync("redis", $"""

                  STORE: store:8080
                depends_on: [store]
              store:
                module: {Harness.Wasmrun.Example("store")}
                tmpfs: [/data]
            """);
        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));

        Assert.Equal("""["grüß dich",1,0,null]""", await client.GetStringAsync("/", Token));
    }

    [Fact]
    public async Task Postgres_SpeaksToAServiceOfTheStack()
    {
        await using var stack = await UpAsync("postgres", """

                  DATABASE: database:5432
                depends_on: [database]
              database:
                project: ./web
                entrypoint: database.js
                environment: { PORT: "5432" }
            """);
        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));

        Assert.Equal("""{"rows":[{"name":"Ada","answer":42}],"command":"SELECT"}""", await client.GetStringAsync("/", Token));
    }

    [Fact]
    public async Task Middleware_OfExpress5_Works()
    {
        await using var stack = await UpAsync("middleware");
        using var handler = new SocketsHttpHandler { UseProxy = false, AutomaticDecompression = DecompressionMethods.None };
        using var client = new HttpClient(handler) { BaseAddress = new($"http://127.0.0.1:{await stack.PortAsync("web", 3000)}/") };

        Assert.Equal("1", await client.GetStringAsync("count", Token));
        Assert.Equal("2", await client.GetStringAsync("count", Token));
        Assert.Equal("<h1>A &amp; B</h1>\n<li>one</li>\n<li>two</li>\n", await client.GetStringAsync("page", Token));

        using var file = await client.GetAsync("static/file.txt", Token);
        Assert.Equal("a static file\n", await file.Content.ReadAsStringAsync(Token));
        Assert.Equal("public, max-age=3600", file.Headers.GetValues("Cache-Control").Single());
        Assert.Contains("default-src 'self'", file.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        using var request = new HttpRequestMessage(HttpMethod.Get, "large");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var large = await client.SendAsync(request, Token);
        Assert.Equal("gzip", large.Content.Headers.ContentEncoding.Single());
        await using var unzipped = new System.IO.Compression.GZipStream(await large.Content.ReadAsStreamAsync(Token), System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped);
        Assert.Equal(12 * 10000, (await reader.ReadToEndAsync(Token)).Length);

        Assert.Equal("""{"name":"a.bin","size":1000000,"field":"text"}""", await PostAsync(client, "upload", Form(1_000_000), HttpStatusCode.OK));
        Assert.Equal("""{"size":1000000,"kept":1000000}""", await PostAsync(client, "saved", Form(1_000_000), HttpStatusCode.OK));
        Assert.Contains("GET /count 200", (await stack.RunSuccessfullyAsync("logs")).Output, StringComparison.Ordinal);
    }

    /// <summary>The memory of a guest never shrinks, so what a limit lets it have is all that it has ever had.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HundredMegabytes_PassBothWays_ThroughAGuestThatMayHaveFortyEight(bool zipped)
    {
        const int Pieces = 1600;
        await using var stack = await UpAsync("middleware", """

                deploy: { resources: { limits: { memory: 48m } } }
            """);
        using var handler = new SocketsHttpHandler { UseProxy = false, AutomaticDecompression = DecompressionMethods.None };
        using var client = new HttpClient(handler) { BaseAddress = new($"http://127.0.0.1:{await stack.PortAsync("web", 3000)}/"), Timeout = FailureLimit.Duration };
        using var expected = new PieceHash();
        for (var number = 0; number < Pieces; number++)
        {
            expected.Add(PieceContent.Piece(number));
        }

        using var content = new PieceContent(Pieces, zipped);
        Assert.Equal($$"""{"size":{{Pieces * 65536}},"hash":"{{expected.Text}}"}""", await PostAsync(client, "sink", content, HttpStatusCode.OK));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"stream?pieces={Pieces}");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(zipped ? "gzip" : "identity"));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(zipped ? ["gzip"] : [], answer.Content.Headers.ContentEncoding);
        await using var body = await answer.Content.ReadAsStreamAsync(Token);
        await using var text = zipped ? new System.IO.Compression.GZipStream(body, System.IO.Compression.CompressionMode.Decompress) : body;
        using var received = new PieceHash();
        var buffer = new byte[65536];
        for (int count; (count = await text.ReadAsync(buffer, Token)) > 0;)
        {
            received.Add(buffer.AsSpan(0, count));
        }

        Assert.Equal(expected.Text, received.Text);
    }

    private static MultipartFormDataContent Form(int bytes) => new()
    {
        { new StringContent("text"), "field" },
        { new ByteArrayContent(new byte[bytes]), "file", "a.bin" },
    };

    private static async Task<string> PostAsync(HttpClient client, string path, HttpContent content, HttpStatusCode expected)
    {
        using (content)
        {
            using var answer = await client.PostAsync(path, content, Token);
            var text = await answer.Content.ReadAsStringAsync(Token);
            Assert.True(answer.StatusCode == expected, $"{answer.StatusCode}: {text}");
            return text;
        }
    }

    /// <summary>Runs one of the projects of the folder <c>packages</c>.</summary>
    /// <param name="more">Goes on in the environment of the service, and with further services.</param>
    private static async Task<TestStack> UpAsync(string project, string more = "")
    {
        var stack = new TestStack("""
            services:
              web:
                project: ./web
                forwards: ["3000"]
                environment:
                  PORT: "3000"
            """ + more);
        Copy(Path.Combine(Harness.Wasmrun.Root, "tests", "Wasmrun.EndToEnd.Tests", "packages", project), Path.Combine(stack.Folder, "web"));
        try
        {
            await Registry.UpAsync(stack);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var place = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place);
        }
    }
}
