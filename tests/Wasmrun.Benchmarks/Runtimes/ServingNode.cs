using Wasmrun.Benchmarks.Sandbox;
using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using Wasmrun.Runtimes;
using Wasmrun.Runtimes.Node;
using Wasmrun.Sandbox;

namespace Wasmrun.Benchmarks.Runtimes;

/// <summary>A server on Node.js, and one client of it in the same namespace, which asks again and again on one connection.</summary>
internal sealed class ServingNode : IDisposable
{
    private const int Port = 3000;
    private static readonly byte[] s_request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray();

    private readonly BenchmarkStack _stack = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wasmrun-bench-");
    private readonly byte[] _answer = new byte[4096];
    private readonly NetworkNamespace _network;
    private SandboxInstance _instance = null!;
    private VirtualSocket _client = null!;

    private ServingNode() => _network = _stack.Service.CreateNamespace();

    public static async Task<ServingNode> StartAsync(string handler)
    {
        var server = new ServingNode();
        await server.ServeAsync(handler);
        return server;
    }

    public unsafe void Ask(int times)
    {
        fixed (byte* request = s_request, answer = _answer)
        {
            for (; times > 0; times--)
            {
                Demand(_client.Send([new((nint)request, (nuint)s_request.Length)], out _));
                Demand(_client.Receive([new((nint)answer, (nuint)_answer.Length)], ReceiveFlags.None, out var count, out _));
                if (count == 0)
                {
                    throw new InvalidOperationException("the server has closed the connection");
                }
            }
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _instance.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _network.Dispose();
        _stack.Dispose();
        _folder.Delete(recursive: true);
    }

    private static void Demand(Errno error)
    {
        if (error != Errno.None)
        {
            throw new InvalidOperationException($"the client failed: {error}");
        }
    }

    private async Task ServeAsync(string handler)
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "main.js"),
            $"require('http').createServer((request, response) => {{ {handler} }}).listen({Port})");
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, StringComparer.Ordinal);
        var cache = Path.Combine(Path.GetTempPath(), $"wasmrun-bench-packages-{Environment.UserName}");
        var (engine, libraries, boot, _) = await new NodeRuntime(_stack.Engine, new RuntimeOptions(cache, environment)).LoadAsync(projectFolder: null, CancellationToken.None);
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _stack.Observer.Listening = () => listening.TrySetResult();
        _instance = _stack.Engine.Create(engine, new()
        {
            Name = "node-1",
            Arguments = ["node"],
            Mounts = [new GuestMount.Host("/app", _folder.FullName, ReadOnly: true)],
            Network = _network,
            Output = new DiscardedOutput(),
            Driver = () => new NodeDriver(new("/app/main.js", "/app", libraries) { Boot = boot }),
        });
        _instance.Start();
        await listening.Task;
        Demand(_network.CreateSocket(SocketDomain.Inet4, SocketKind.Stream, out var client));
        _client = client!;
        Demand(_client.Connect(new(InetAddress.Loopback4, Port)));
    }
}
