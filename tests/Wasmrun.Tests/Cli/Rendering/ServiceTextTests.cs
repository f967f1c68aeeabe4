using Wasmrun.Cli.Rendering;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Rendering;

public sealed class ServiceTextTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(ServicePhase.Running, null, "Up 3 minutes")]
    [InlineData(ServicePhase.Restarting, 1, "Restarting (1) 5 seconds ago")]
    [InlineData(ServicePhase.Exited, 3, "Exited (3) 5 seconds ago")]
    [InlineData(ServicePhase.Failed, 134, "Failed (134) 5 seconds ago")]
    [InlineData(ServicePhase.Stopped, 143, "Stopped 5 seconds ago")]
    [InlineData(ServicePhase.Waiting, null, "Waiting")]
    [InlineData(ServicePhase.Created, null, "Created")]
    public void Status_SaysWhatAndSinceWhen(ServicePhase state, int? exitCode, string text)
    {
        var service = FakeStack.Status("web", state) with { ExitCode = exitCode, StartedAt = s_now.AddMinutes(-3), EndedAt = s_now.AddSeconds(-5) };
        Assert.Equal(text, ServiceText.Status(service, s_now));
    }

    [Theory]
    [InlineData(1, "Restarting 5 seconds ago, 1 client waits")]
    [InlineData(20, "Restarting 5 seconds ago, 20 clients wait")]
    public void ClientsThatWait_AreCounted(int clients, string text)
    {
        var service = FakeStack.Status("web", ServicePhase.Restarting) with { WaitingClients = clients, EndedAt = s_now.AddSeconds(-5) };
        Assert.Equal(text, ServiceText.Status(service, s_now));
    }

    [Fact]
    public void ServiceThatCouldNotStart_HasNoTimeToTell() =>
        Assert.Equal("Failed", ServiceText.Status(FakeStack.Status("web", ServicePhase.Failed), s_now));

    [Theory]
    [InlineData(HealthState.None, "")]
    [InlineData(HealthState.Starting, "starting")]
    [InlineData(HealthState.Healthy, "healthy")]
    [InlineData(HealthState.Unhealthy, "unhealthy")]
    public void Health_IsEmptyWhenThereIsNothingToJudgeBy(HealthState health, string text) => Assert.Equal(text, ServiceText.Health(health));

    [Theory]
    [InlineData(0.2, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(180, "3 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(7200, "2 hours")]
    [InlineData(172800, "2 days")]
    [InlineData(1296000, "2 weeks")]
    [InlineData(7776000, "3 months")]
    [InlineData(94608000, "3 years")]
    public void Durations_AreSaidAsComposeSaysThem(double seconds, string text) => Assert.Equal(text, HumanDuration.Of(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0.1, "100 ms")]
    [InlineData(1.54, "1.5 s")]
    [InlineData(150, "2.5 min")]
    public void Delays_AreShort(double seconds, string text) => Assert.Equal(text, HumanDuration.Short(TimeSpan.FromSeconds(seconds)));
}
