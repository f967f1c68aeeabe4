using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox.Wasi.Sockets;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>
/// From its third start on, and earlier if that was prepared, a server begins with the memory of an interpreter that has imported what the servers before had, and nothing of
/// the project itself.
/// </summary>
public sealed class ImageTests : IAsyncLifetime
{
    private const string Code = """
        import helper, json, os, random, sys, package
        from http.server import HTTPServer, BaseHTTPRequestHandler

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps({
                    'helper': helper.TEXT, 'package': package.TEXT, 'random': random.random(), 'drawn': package.DRAWN,
                    'left': [name for name in os.environ if name.startswith(('WASMRUN', 'LISTEN'))]}).encode())

        HTTPServer(('', int(os.environ['PORT'])), Handler).serve_forever()
        """;

    private const string Package = """
        import sys
        TEXT, DRAWN = 'old', 0
        print('package is imported', file=sys.stderr)
        """;

    private readonly PythonStack _stack = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private string _folder = string.Empty;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _stack.Write("web", "app.py", Code);
        _stack.Write("web", "vendor/package/__init__.py", Package);
        _folder = _stack.Write("web", "helper.py", "TEXT = 'first'");
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _stack.DisposeAsync();
    }

    [Fact]
    public async Task Image_HoldsPackages_AndNothingOfTheProject()
    {
        await StartTwiceAsync();
        Assert.Equal(2, Imports());
        _stack.Write("web", "helper.py", "TEXT = 'other'");

        var third = await AnswerAsync("third");

        Assert.Equal(2, Imports());
        Assert.Equal("other", third.GetProperty("helper").GetString());
        Assert.Empty(third.GetProperty("left").EnumerateArray());
    }

    [Fact]
    public async Task Preparation_MakesTheImage_AndDoesNothingWhileItHolds()
    {
        await _stack.StartListeningAsync("first", _folder, 8000);

        await _stack.PrepareAsync("first-next", _folder, 8000);
        await _stack.PrepareAsync("first-after", _folder, 8000);
        Assert.Equal(2, Imports());

        await _stack.StartListeningAsync("second", _folder, 8000);
        Assert.Equal(2, Imports());
    }

    [Fact]
    public async Task Image_IsNotUsed_WhenAPackageHasChanged()
    {
        await StartTwiceAsync();
        _stack.Write("web", "vendor/package/__init__.py", Package.Replace("old", "new", StringComparison.Ordinal));

        var third = await AnswerAsync("third");

        Assert.Equal(3, Imports());
        Assert.Equal("new", third.GetProperty("package").GetString());
    }

    [Fact]
    public async Task Image_IsNotUsed_WhenTheProjectHasAModuleOfItsOwnWithTheSameName()
    {
        await StartTwiceAsync();
        _stack.Write("web", "package.py", "TEXT, DRAWN = 'own', 0");

        var third = await AnswerAsync("third");

        Assert.Equal("own", third.GetProperty("package").GetString());
    }

    [Fact]
    public async Task Image_IsNotUsed_WithAnotherEnvironment()
    {
        await StartTwiceAsync();

        await _stack.StartListeningAsync("third", _folder, 8000, environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["MODE"] = "other" });

        Assert.Equal(3, Imports());
    }

    [Fact]
    public async Task Image_LeavesOutAPackageThatDrawsRandomNumbers_AndNoTwoInstancesDrawTheSame()
    {
        _stack.Write("web", "vendor/package/__init__.py", Package.Replace("DRAWN = 'old', 0", "DRAWN = 'old', __import__('os').urandom(8).hex()", StringComparison.Ordinal));
        await StartTwiceAsync();

        var third = await AnswerAsync("third");
        var fourth = await AnswerAsync("fourth");
        var fifth = await AnswerAsync("fifth");

        System.Text.Json.JsonElement[] all = [third, fourth, fifth];
        Assert.Equal(3, all.Select(answer => answer.GetProperty("drawn").GetString()).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(3, all.Select(answer => answer.GetProperty("random").GetDouble()).Distinct().Count());
    }

    [Fact]
    public async Task Image_DoesNotKeepAServerFromEndingWhenAsked()
    {
        await StartTwiceAsync();
        var third = await _stack.StartListeningAsync("third", _folder, 8000);

        var (exit, _) = await PythonStack.TerminateAsync(third);

        Assert.Equal(new InstanceExit.Exited(143), exit);
    }

    [Fact]
    public async Task PagesThatAStartWritesTo_AreLearntFromTheFirstWithTheImage_AndAnewWithEachImage()
    {
        await StartTwiceAsync();
        Assert.Empty(LearntPages());

        await AnswerAsync("third");
        var learnt = Assert.Single(LearntPages());
        Assert.Equal(OperatingSystem.IsLinux(), learnt.Length > 0);
        var fourth = await AnswerAsync("fourth");

        Assert.Equal("first", fourth.GetProperty("helper").GetString());
        Assert.Equal(learnt, Assert.Single(LearntPages()));
        _stack.Write("web", "vendor/package/__init__.py", Package.Replace("old", "new", StringComparison.Ordinal));
        await AnswerAsync("fifth");
        Assert.Empty(LearntPages());
    }

    [Fact]
    public async Task Image_KeepsExitCodesAndTracebacks()
    {
        var folder = _stack.Write("fails", "app.py", "import sys\n\nraise LookupError('the ' + 'reason')");
        await _stack.RunAsync(folder, "app.py", name: "first");

        var (output, exit) = await _stack.RunAsync(folder, "app.py", name: "second");

        Assert.Equal(new InstanceExit.Exited(1), exit);
        const string Traceback = """
            Traceback (most recent call last):
              File "/app/app.py", line 3, in <module>
                raise LookupError('the ' + 'reason')
            LookupError: the reason

            """;
        Assert.Equal(Traceback + Traceback, output);
    }

    private async Task StartTwiceAsync()
    {
        await _stack.StartListeningAsync("first", _folder, 8000);
        await _stack.StartListeningAsync("second", _folder, 8000);
    }

    private async Task<System.Text.Json.JsonElement> AnswerAsync(string name)
    {
        RunningService service = await _stack.StartListeningAsync(name, _folder, 8000);
        return System.Text.Json.JsonDocument.Parse(await _client.GetStringAsync(service.Url("/"), Token)).RootElement;
    }

    private IEnumerable<byte[]> LearntPages() => Directory.GetFiles(_stack.Sub("images"), "*.pages").Select(File.ReadAllBytes);

    private int Imports() => _stack.Output.Text.Split("package is imported").Length - 1;
}
