using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>What a collector of OpenTelemetry is told of a stack.</summary>
public sealed class TelemetryTests
{
    private static readonly string s_manifest = $$"""
        services:
          web:
            module: {{Harness.Wasmrun.Guest("http")}}
            forwards: ["8080"]
            deploy: { replicas: 2 }
        """;

    [Theory]
    [InlineData("up", "-d")]
    [InlineData("up")]
    public async Task Collector_IsToldOfInstancesAndTheirLines(params string[] up)
    {
        await using var collector = await Collector.StartAsync();
        await using var stack = new TestStack(s_manifest);
        stack.Let("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url);
        stack.Let("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        stack.Let("OTEL_METRIC_EXPORT_INTERVAL", "50");
        stack.Let("OTEL_BLRP_SCHEDULE_DELAY", "50");

        stack.Start(up);

        await collector.SawAsync("metrics", "container.memory.usage");
        await collector.SawAsync("metrics", "web-2");
        await collector.SawAsync("metrics", "running");
        await collector.SawAsync("metrics", stack.Name);
        await collector.SawAsync("logs", "listening on 8080");
        await collector.SawAsync("logs", "stdout");
        await collector.SawAsync("logs", stack.Name);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "nothing is sent there")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier pigeon", "'grpc' is used")]
    public async Task VariableThatNothingCanBeMadeOf_IsToldOf(string variable, string value, string remedy)
    {
        await using var stack = new TestStack($$"""services: { once: { module: {{Harness.Wasmrun.Guest("exit")}} } }""");
        stack.Let("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
        stack.Let(variable, value);

        var up = await stack.RunAsync("up");

        Assert.Contains($"warning: {variable} is '{value}'", up.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, up.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CollectorThatIsNotThere_IsNoHindrance()
    {
        await using var stack = new TestStack(s_manifest);
        stack.Let("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");

        await stack.RunSuccessfullyAsync("up", "-d", "--wait");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 8080));

        Assert.Equal("Hello, World!", (await client.GetStringAsync("/")).TrimEnd());
        await stack.RunSuccessfullyAsync("down");
    }
}
