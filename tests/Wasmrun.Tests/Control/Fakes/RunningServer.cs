using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Wasmrun.Control.Client;
using Wasmrun.Control.Folders;
using Wasmrun.Control.Server;

namespace Wasmrun.Tests.Control.Fakes;

/// <summary>A control server over a real socket, with the lock that a runner holds.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly ProjectLock _lock;
    private readonly ControlServer _server;

    private RunningServer(ProjectLock taken, ControlServer server, FakeLifetime lifetime, ControlClient client)
    {
        _lock = taken;
        _server = server;
        Lifetime = lifetime;
        Client = client;
    }

    internal FakeLifetime Lifetime { get; }

    internal ControlClient Client { get; }

    internal static async Task<RunningServer> StartAsync(ProjectFolder folder, FakeStack stack, CancellationToken token)
    {
        var taken = await TakeAsync(folder, token);
        folder.Ensure();
        var lifetime = new FakeLifetime();
        var server = new ControlServer(folder, stack, lifetime, TimeProvider.System, NullLogger<ControlServer>.Instance);
        await server.StartAsync(token);
        var running = new RunningServer(taken, server, lifetime, new ControlClient(folder));

        // As in the host: the end of the runner stops the server and lets go of the lock.
        lifetime.ApplicationStopping.Register(() => running.Ended = running.EndAsync());
        return running;
    }

    /// <summary>As runners do: who only looks whether there is one holds the lock for a moment.</summary>
    private static async Task<ProjectLock> TakeAsync(ProjectFolder folder, CancellationToken token)
    {
        while (true)
        {
            token.ThrowIfCancellationRequested();
            if (ProjectLock.TryTake(folder) is { } taken)
            {
                return taken;
            }

            await Task.Yield();
        }
    }

    internal Task? Ended { get; private set; }

    internal async Task EndAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        _lock.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await (Ended ?? EndAsync());
        await _server.DisposeAsync();
        Lifetime.Dispose();
    }
}

/// <summary>The host's lifetime as far as the server uses it.</summary>
internal sealed class FakeLifetime : IHostApplicationLifetime, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => _stopping.Token;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication() => _stopping.Cancel();

    public void Dispose() => _stopping.Dispose();
}
