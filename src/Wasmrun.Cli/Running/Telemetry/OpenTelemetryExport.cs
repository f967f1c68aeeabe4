using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Wasmrun.Cli.Commands;

namespace Wasmrun.Cli.Running.Telemetry;

/// <summary>
/// What a runner sends to an OpenTelemetry collector, if the environment names one: what its instances use as metrics, and their lines as
/// log records. All that there is to set are the variables of the OpenTelemetry SDK.
/// </summary>
/// <seealso href="https://opentelemetry.io/docs/specs/otel/protocol/exporter/"/>
internal static class OpenTelemetryExport
{
    private const string Prefix = "OTEL_";
    private const string ServiceName = "OTEL_SERVICE_NAME";
    private const string Disabled = "OTEL_SDK_DISABLED";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private const string LogsEndpoint = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>Adds it to a runner, or nothing when nobody asks for it.</summary>
    /// <param name="warn">Told of variables that nothing can be made of.</param>
    internal static void AddTo(HostApplicationBuilder builder, string project, IReadOnlyDictionary<string, string> environment, Action<string> warn)
    {
        if (string.Equals(environment.GetValueOrDefault(Disabled), "true", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var (metrics, logs) = (HasEndpoint(MetricsEndpoint), HasEndpoint(LogsEndpoint));
        if (metrics || logs)
        {
            if (environment.GetValueOrDefault(Protocol) is { Length: > 0 } protocol and not ("grpc" or "http/protobuf"))
            {
                warn($"{Protocol} is '{protocol}', which is neither 'grpc' nor 'http/protobuf'; 'grpc' is used");
            }

            builder.Configuration.AddInMemoryCollection(environment.Where(variable => variable.Key.StartsWith(Prefix, StringComparison.Ordinal))
                .Select(variable => KeyValuePair.Create(variable.Key, (string?)variable.Value)));
            var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => Describe(resource, project, environment));
            AddMetrics(builder.Services, telemetry, metrics);
            AddLogs(builder, telemetry, logs);
            builder.Services.AddHostedService<LastExport>();
        }

        bool HasEndpoint(string own)
        {
            var name = environment.ContainsKey(own) ? own : Endpoint;
            if (environment.GetValueOrDefault(name) is not { Length: > 0 } written)
            {
                return false;
            }

            var isUrl = Uri.TryCreate(written, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https");
            if (!isUrl)
            {
                warn($"{name} is '{written}', which is no URL such as http://localhost:4317; nothing is sent there");
            }

            return isUrl;
        }
    }

    private static void Describe(ResourceBuilder resource, string project, IReadOnlyDictionary<string, string> environment)
    {
        if (!environment.ContainsKey(ServiceName))
        {
            resource.AddService("wasmrun", serviceVersion: PrintVersion.Version, serviceInstanceId: project);
        }

        resource.AddAttributes([KeyValuePair.Create("wasmrun.project", (object)project)]);
    }

    private static void AddMetrics(IServiceCollection services, OpenTelemetryBuilder telemetry, bool isWanted)
    {
        if (isWanted)
        {
            services.AddSingleton<StackMetrics>();
            telemetry.WithMetrics(metrics => metrics
                .AddMeter(StackMetrics.Name)
                .AddInstrumentation(provider => provider.GetRequiredService<StackMetrics>())
                .AddOtlpExporter());
        }
    }

    private static void AddLogs(HostApplicationBuilder builder, OpenTelemetryBuilder telemetry, bool isWanted)
    {
        if (isWanted)
        {
            // What guests say has its own log already.
            builder.Logging.AddFilter<RunnerLog>(GuestLogExport.Category, LogLevel.None);
            builder.Services.AddHostedService<GuestLogExport>();
            telemetry.WithLogging(logs => logs.AddOtlpExporter(), options => options.IncludeFormattedMessage = true);
        }
    }
}
