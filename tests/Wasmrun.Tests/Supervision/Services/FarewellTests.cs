using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Services;

/// <summary>A guest that ends by itself when it is asked to is given the time for it.</summary>
public sealed class FarewellTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GuestThatListens_IsAskedAndEndsWithItsOwnCode()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());
        instance.IsTerminable = true;

        var stopping = web.StopAsync(null, Token);
        await stage.Time.NextDelayAsync();
        Assert.Equal((1, false), (instance.Terminations, instance.IsTold));
        instance.Exit(0);

        Assert.True(await stopping);
        Assert.Equal((ServicePhase.Stopped, 0), (web.State.Phase, web.State.ExitCode));
    }

    [Fact]
    public async Task GuestThatDoesNotListen_IsStoppedAtOnce()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());

        Assert.True(await web.StopAsync(null, Token));

        Assert.Equal((0, true), (instance.Terminations, instance.IsTold));
    }

    [Fact]
    public async Task GuestThatDoesNotEnd_IsStoppedAfterTheGracePeriod()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service() with { StopGracePeriod = TimeSpan.FromSeconds(3) });
        instance.IsTerminable = true;

        var stopping = web.StopAsync(null, Token);
        Assert.Equal(TimeSpan.FromSeconds(3), await stage.Time.PassDelayAsync());

        Assert.True(await stopping);
        Assert.Equal((1, RunEnd.StoppedCode), (instance.Terminations, web.State.ExitCode));
    }

    [Fact]
    public async Task Kill_DoesNotWaitForIt()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());
        instance.IsTerminable = true;
        var stopping = web.StopAsync(null, Token);
        await stage.Time.NextDelayAsync();

        web.Kill();

        Assert.True(await stopping);
        Assert.True(instance.IsTold);
    }

    [Fact]
    public async Task BusyClients_LeaveItTheLastSecond()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service() with { StopGracePeriod = TimeSpan.FromSeconds(10) });
        (instance.IsTerminable, instance.Clients) = (true, 1);

        var stopping = web.StopAsync(null, Token);
        var passed = TimeSpan.Zero;
        while (instance.Terminations == 0)
        {
            passed += await stage.Time.NextDelayAsync() is var delay && delay < TimeSpan.FromSeconds(1) ? delay : TimeSpan.Zero;
            stage.Time.Advance(delay < TimeSpan.FromSeconds(1) ? delay : TimeSpan.Zero);
        }

        Assert.InRange(passed, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(9.1));
        instance.Exit(7);
        Assert.True(await stopping);
        Assert.Equal(7, web.State.ExitCode);
    }

    private static ServiceSpec Service() => Written.Service("web").Forwarding(8080, 3000);
}
