using System.Collections;
using System.Net;
using Wasmrun.Manifest.Specs;
using Wasmrun.Network.Egress;
using Wasmrun.Runtimes;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Sandboxed;
using Wasmrun.Tests.Runtimes.Python;
using Wasmrun.Tests.Supervision.Fakes;
using RecordedOutput = Wasmrun.Tests.Sandbox.RecordedOutput;

namespace Wasmrun.Tests.Supervision.Sandboxed;

/// <summary>A watched service keeps one instance waiting, which the next swap takes; nothing of it is left when the service ends.</summary>
public sealed class SpareKeeperTests : IAsyncLifetime
{
    private const string Code = """
        import os, sys
        from http.server import HTTPServer, BaseHTTPRequestHandler
        print('%s serves' % os.environ['MODE'])
        HTTPServer(('', 8000), BaseHTTPRequestHandler).serve_forever()
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly RecordedOutput _output = new();
    private readonly SandboxEngine _engine;
    private readonly SandboxStackHost _stack;

    public SpareKeeperTests()
    {
        _engine = new(new() { CacheDirectory = Path.Combine(PythonStack.Cache, "modules") });
        _stack = new(
            _engine,
            new()
            {
                Name = "test",
                RuntimeDirectory = _folder.At("run"),
                VolumesDirectory = _folder.At("volumes"),
                Runtimes = new RuntimeOptions(PythonStack.Cache, Variables()) { PythonImageFolder = _folder.At("images") },
            },
            TimeProvider.System);
        Directory.CreateDirectory(_folder.At("web"));
        File.WriteAllText(_folder.At("web/app.py"), Code);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        await _stack.DisposeAsync();
        _engine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Spare_IsTakenByTheNextSwap_AndMadeAnew_UntilNothingServes()
    {
        var service = Service("first");
        var module = await PrepareAsync(service);
        using var host = (SandboxServiceHost)_stack.AddService(service, new ServiceObserver());
        await using var first = await ServeAsync(host, module, service, isHeldBack: false);
        Assert.Null(host.Spares.Spare);

        _stack.KeepSpares(new HashSet<string>(StringComparer.Ordinal) { "web" });
        var spare = await SpareAsync(host);
        await using (var second = await ServeAsync(host, module, service, isHeldBack: true))
        {
            Assert.Same(spare.Network, second.Network);
            await _output.Saw("first serves\nfirst serves\n");
            var next = await SpareAsync(host);
            Assert.NotSame(spare, next);

            // Its output and its place are the new instance's.
            Assert.Equal(0, second.Clients);
            Assert.NotEmpty(second.Listening);
            second.TakeClients();
        }

        await first.DisposeAsync();
        Assert.Null(host.Spares.Spare);
        Assert.DoesNotContain(_stack.FindLeftovers(), line => line.StartsWith("instance", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Spare_IsLeft_WhenTheServiceIsAnother()
    {
        var service = Service("first");
        var module = await PrepareAsync(service);
        _stack.KeepSpares(new HashSet<string>(StringComparer.Ordinal) { "web" });
        using var host = (SandboxServiceHost)_stack.AddService(service, new ServiceObserver());
        await using var first = await ServeAsync(host, module, service, isHeldBack: false);
        var spare = await SpareAsync(host);

        var changed = Service("second");
        await using var second = await ServeAsync(host, await PrepareAsync(changed), changed, isHeldBack: true);

        Assert.NotSame(spare.Network, second.Network);
        await _output.Saw("second serves\n");
        Assert.NotEqual(default, await spare.Guest.Completion.WaitAsync(Token));
    }

    [Fact]
    public async Task Spare_IsMadeAnewWithOtherForwards_AndEndsWithTheWatch()
    {
        var service = Service("first");
        var module = await PrepareAsync(service);
        _stack.KeepSpares(new HashSet<string>(StringComparer.Ordinal) { "web" });
        using var host = (SandboxServiceHost)_stack.AddService(service, new ServiceObserver());
        await using var first = await ServeAsync(host, module, service, isHeldBack: false);
        var spare = await SpareAsync(host);

        var reserved = _stack.Reserve([new("web", [IPAddress.Loopback], null, [], 8000, TransportProtocol.Tcp, new("manifest", 1, 1), null)]);
        host.SetForwards(reserved.Forwards);

        Assert.Equal(new InstanceExit.Stopped(), await spare.Guest.Completion.WaitAsync(Token));
        var next = await SpareAsync(host);
        Assert.NotSame(spare, next);
        _stack.KeepSpares(new HashSet<string>(StringComparer.Ordinal));
        Assert.Null(host.Spares.Spare);
        Assert.Equal(new InstanceExit.Stopped(), await next.Guest.Completion.WaitAsync(Token));
    }

    private static Dictionary<string, string> Variables() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, StringComparer.Ordinal);

    private ServiceSpec Service(string mode) => new("web", new("manifest", 1, 1))
    {
        Project = _folder.At("web"),
        Language = "python",
        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["MODE"] = mode },
    };

    private Task<PreparedModule> PrepareAsync(ServiceSpec service) => PythonStack.OrSkipAsync(_stack.PrepareAsync(service, Token));

    private async Task<SandboxedInstance> ServeAsync(SandboxServiceHost host, PreparedModule module, ServiceSpec service, bool isHeldBack)
    {
        var observer = new Observer();
        var instance = (SandboxedInstance)host.Create(module, new("web-1", service, _output, observer) { IsHeldBack = isHeldBack });
        instance.Start();
        await Task.WhenAny(observer.Listens.Task, instance.Completion).WaitAsync(Token);
        Assert.True(observer.Listens.Task.IsCompleted, _output.Text);
        return instance;
    }

    private static async Task<SpareInstance> SpareAsync(SandboxServiceHost host)
    {
        while (host.Spares.Spare is not { IsWaiting: true })
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return host.Spares.Spare!;
    }

    private sealed class ServiceObserver : IServiceObserver
    {
        public void EgressDenied(EgressDenial denial)
        {
        }

        public void HoldExpired(int hostPort, int clients)
        {
        }

        public void PeerHoldExpired(int guestPort, int clients)
        {
        }
    }

    private sealed class Observer : IInstanceObserver
    {
        public TaskCompletionSource Listens { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void StartedListening(GuestPort port) => Listens.TrySetResult();

        public void StoppedListening(GuestPort port)
        {
        }
    }
}
