using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Wasmrun.Control.Api;
using Wasmrun.Reconciliation.Downing;

namespace Wasmrun.Control.Server;

/// <summary>The requests that ask about the stack or change it. A change goes on even if the one who asked goes away.</summary>
internal sealed class StackEndpoints(IStackControl stack, Action endRunner, CancellationToken runnerEnds)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(ControlRoutes.Project, async (HttpContext context) =>
            await JsonExchange.WriteAsync(context, await stack.GetProjectAsync(context.RequestAborted)));
        routes.MapGet(ControlRoutes.Services, async (HttpContext context) =>
            await JsonExchange.WriteAsync(context, await stack.GetServicesAsync(context.RequestAborted)));
        routes.MapGet(ControlRoutes.Stats, async (HttpContext context) =>
            await JsonExchange.WriteAsync(context, await stack.GetStatsAsync(context.RequestAborted)));

        routes.MapPost(ControlRoutes.Apply, (HttpContext context) => ChangeAsync<ApplyRequest>(context, stack.ApplyAsync));
        routes.MapPost(ControlRoutes.Plan, (HttpContext context) => ChangeAsync<ApplyRequest>(context, stack.PreviewAsync));
        routes.MapPost(ControlRoutes.Restart, (HttpContext context) => ChangeAsync<ServicesRequest>(context, stack.RestartAsync));
        routes.MapPost(ControlRoutes.Stop, (HttpContext context) => ChangeAsync<ServicesRequest>(context, stack.StopAsync));
        routes.MapPost(ControlRoutes.Start, (HttpContext context) => ChangeAsync<ServicesRequest>(context, stack.StartAsync));
        routes.MapPost(ControlRoutes.Kill, (HttpContext context) => ChangeAsync<ServicesRequest>(context, stack.KillAsync));
        routes.MapPost(ControlRoutes.Scale, (HttpContext context) => ChangeAsync<ScaleRequest>(context, stack.ScaleAsync));
        routes.MapPost(ControlRoutes.Wait, WaitAsync);
        routes.MapPost(ControlRoutes.PlanDown, (HttpContext context) => ChangeAsync<DownOptions>(context, stack.PreviewDownAsync));
        routes.MapPost(ControlRoutes.Down, DownAsync);
    }

    private async Task ChangeAsync<T>(HttpContext context, Func<T, CancellationToken, Task<ApplyReply>> change)
        where T : class
    {
        if (await JsonExchange.ReadAsync<T>(context) is { } request)
        {
            await JsonExchange.WriteReplyAsync(context, await change(request, runnerEnds));
        }
    }

    private async Task WaitAsync(HttpContext context)
    {
        if (await JsonExchange.ReadAsync<WaitRequest>(context) is { } request)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, runnerEnds);
            try
            {
                await JsonExchange.WriteAsync(context, await stack.WaitAsync(request, either.Token));
            }
            catch (OperationCanceledException) when (runnerEnds.IsCancellationRequested)
            {
                await JsonExchange.WriteProblemAsync(context, new Problem(
                    "urn:wasmrun:ending", "The runner ends", StatusCodes.Status503ServiceUnavailable, "the stack was taken down"));
            }
        }
    }

    private async Task DownAsync(HttpContext context)
    {
        if (await JsonExchange.ReadAsync<DownOptions>(context) is { } options)
        {
            try
            {
                var report = await stack.DownAsync(options, CancellationToken.None);
                await JsonExchange.WriteAsync(context, report);
                await context.Response.CompleteAsync();
            }
            finally
            {
                endRunner();
            }
        }
    }
}
