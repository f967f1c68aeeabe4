using Wasmrun.Runtimes;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox.Wasi.Sockets;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>An instance that waits with the image in its memory, and is not taken when it would be another than one that is made now.</summary>
public sealed class SpareTests : IAsyncLifetime
{
    private const string Code = """
        import os, package, random
        from http.server import HTTPServer, BaseHTTPRequestHandler
        from helper import TEXT

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(('%s %s %d' % (TEXT, package.TEXT, random.getrandbits(60))).encode())

        print('serves')
        HTTPServer(('', int(os.environ['PORT'])), Handler).serve_forever()
        """;

    private readonly PythonStack _stack = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private string _folder = string.Empty;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _stack.Write("web", "app.py", Code);
        _stack.Write("web", "vendor/package.py", "TEXT = 'old'\nprint('package is imported')");
        _folder = _stack.Write("web", "helper.py", "TEXT = 'first'");
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _stack.DisposeAsync();
    }

    [Fact]
    public async Task Spare_LooksAtTheProjectWhenItIsTaken_AndNotBefore()
    {
        var (service, start) = await WaitingAsync("spare");
        var (other, otherStart) = await WaitingAsync("other");
        var before = _stack.Output.Text;
        _stack.Write("web", "helper.py", "TEXT = 'second'");

        Assert.True(start.TryTake());
        Assert.False(start.TryTake());
        Assert.Equal(before, _stack.Output.Text);
        start.Release();
        await _stack.ListensAsync(service, 8000);
        Assert.True(otherStart.TryTake());
        otherStart.Release();
        await _stack.ListensAsync(other, 8000);

        var (one, two) = (await _client.GetStringAsync(service.Url("/"), Token), await _client.GetStringAsync(other.Url("/"), Token));
        Assert.StartsWith("second old ", one, StringComparison.Ordinal);
        Assert.StartsWith("second old ", two, StringComparison.Ordinal);
        Assert.NotEqual(one, two);
        Assert.Equal(2, _stack.Output.Text.Split("package is imported").Length - 1);
        var (exit, _) = await PythonStack.TerminateAsync(service);
        Assert.Equal(new InstanceExit.Exited(143), exit);
    }

    [Theory]
    [InlineData("package")]
    [InlineData("own module")]
    [InlineData("folder")]
    public async Task Spare_IsNotTaken_WhenAnInstanceMadeNowWouldBeAnother(string changed)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "spares are for Linux");
        var (_, start) = await WaitingAsync("spare");

        switch (changed)
        {
            case "package":
                _stack.Write("web", "vendor/package.py", "TEXT = 'new'");
                break;
            case "own module":
                _stack.Write("web", "package.py", "TEXT = 'own'");
                break;
            default:
                Directory.Move(_folder, $"{_folder}-before");
                Directory.CreateDirectory(_folder);
                foreach (var path in Directory.EnumerateFileSystemEntries($"{_folder}-before"))
                {
                    Directory.Move(path, Path.Combine(_folder, Path.GetFileName(path)));
                }

                break;
        }

        Assert.False(start.TryTake());
        Assert.False(start.IsWaiting);
    }

    [Fact]
    public async Task Spare_EndsWhenItIsStopped_TakenOrNot()
    {
        var (service, _) = await WaitingAsync("spare");
        var (taken, start) = await WaitingAsync("taken");
        Assert.True(start.TryTake());

        Assert.Equal(new InstanceExit.Stopped(), (await service.StopAsync()).Exit);
        Assert.Equal(new InstanceExit.Stopped(), (await taken.StopAsync()).Exit);
        Assert.Equal(1, _stack.Output.Text.Split("serves").Length - 1);
    }

    [Fact]
    public async Task WithoutAnImage_ThereIsNoSpare()
    {
        var (service, start) = await _stack.StartSpareAsync("spare", _folder, 8000);

        Assert.Equal(new InstanceExit.Exited(0), await service.Instance.Completion);
        Assert.False(start.TryTake());
        Assert.Empty(_stack.Output.Text);
    }

    private async Task<(RunningService Service, SpareStart Start)> WaitingAsync(string name)
    {
        if (_stack.Output.Text.Length == 0)
        {
            await _stack.StartListeningAsync("first", _folder, 8000);
            await _stack.PrepareAsync("next", _folder, 8000);
        }

        var (service, start) = await _stack.StartSpareAsync(name, _folder, 8000);
        while (!start.IsWaiting)
        {
            Assert.False(service.Instance.Completion.IsCompleted, _stack.Output.Text);
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return (service, start);
    }
}
