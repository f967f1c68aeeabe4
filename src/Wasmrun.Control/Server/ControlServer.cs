using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wasmrun.Control.Api;
using Wasmrun.Control.Folders;

namespace Wasmrun.Control.Server;

/// <summary>
/// Answers other processes of the same user about the stack of this runner: HTTP on a Unix domain socket in the project's private
/// folder. Foreground and detached runners have one alike. Ends the host once a stack was taken down on request.
/// </summary>
public sealed partial class ControlServer(
    ProjectFolder folder, IStackControl stack, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ControlServer> logger) : IHostedService, IAsyncDisposable
{
    /// <summary>How long whoever has asked something has for its answer when the runner ends.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private WebApplication? _application;
    private StreamReaders? _readers;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Whoever starts this server holds the project's lock, so a socket that is there is a dead runner's.
        File.Delete(folder.SocketPath);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        _application = builder.Build();
        _application.Use(ReportFailuresAsync);

        new StackEndpoints(stack, lifetime.StopApplication, _stopping.Token).Map(_application);
        _readers = new StreamReaders(time, _stopping.Token);
        new StreamEndpoints(stack, _readers, _stopping.Token).Map(_application);
        _application.MapFallback(context => JsonExchange.WriteProblemAsync(context, new Problem(
            "urn:wasmrun:not-found", "No such address", StatusCodes.Status404NotFound, context.Request.Path)));
        await _application.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_application is not null)
        {
            // From here on nobody comes in any more; who reads a stream goes on.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var stopped = _application.StopAsync(patience.Token);
            await Task.WhenAny(stopped, _readers!.FinishAsync());
            using var over = new CancellationTokenSource();
            await Task.WhenAny(stopped, Task.Delay(s_patience, time, over.Token));
            await over.CancelAsync();
            await patience.CancelAsync();
            await stopped;
        }

        File.Delete(folder.SocketPath);
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.ListenUnixSocket(folder.SocketPath, listen => listen.Protocols = HttpProtocols.Http1);

        // Somebody who follows logs into a stopped pager is slow, not an attacker: nobody else can connect.
        options.Limits.MinResponseDataRate = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MaxConcurrentConnections = null;
    }

    private async Task ReportFailuresAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            LogFailure(logger, context.Request.Path, error);
            await JsonExchange.WriteProblemAsync(context, new Problem(
                "urn:wasmrun:failure", "The runner failed to answer", StatusCodes.Status500InternalServerError, error.Message));
        }
    }

    [LoggerMessage(EventId = 9001, Level = LogLevel.Error, Message = "The request for {Path} failed")]
    private static partial void LogFailure(ILogger logger, string path, Exception error);

    /// <summary>The inner host follows this service; signals are the outer host's business.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
