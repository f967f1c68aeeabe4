using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Control.Api;

/// <summary>How everything that crosses the control socket is written: generated at build time, one place for all options.</summary>
public static class ControlJson
{
    /// <summary>Text stays readable: nothing here ever lands in a web page.</summary>
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = ControlJsonContext.Default.WithAddedModifier(MakePolymorphic),
        Converters =
        {
            new LogLineConverter(),
            new LogPieceConverter(),
            new IPAddressConverter(),
            Words<DiagnosticSeverity>(),
            Words<TransportProtocol>(),
            Words<ServicePhase>(),
            Words<WaitCondition>(),
            Words<GuestStream>(),
            new JsonStringEnumConverter<StackEventKind>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false),
            Words<HealthState>(),
        },
    };

    /// <summary>The contract of a type that travels.</summary>
    public static JsonTypeInfo<T> For<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    internal static JsonTypeInfo For(Type type) => Options.GetTypeInfo(type);

    private static JsonStringEnumConverter<T> Words<T>()
        where T : struct, Enum => new(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

    private static void MakePolymorphic(JsonTypeInfo contract)
    {
        if (contract.Type == typeof(WaitResult))
        {
            contract.PolymorphismOptions = new JsonPolymorphismOptions
            {
                TypeDiscriminatorPropertyName = "kind",
                DerivedTypes =
                {
                    new JsonDerivedType(typeof(WaitResult.Reached), "reached"),
                    new JsonDerivedType(typeof(WaitResult.TimedOut), "timedOut"),
                    new JsonDerivedType(typeof(WaitResult.Failed), "failed"),
                    new JsonDerivedType(typeof(WaitResult.UnknownServices), "unknownServices"),
                },
            };
        }
    }
}

/// <summary>The types that travel.</summary>
[JsonSerializable(typeof(ProjectInfo))]
[JsonSerializable(typeof(IReadOnlyList<ServiceStatus>))]
[JsonSerializable(typeof(IReadOnlyList<InstanceStats>))]
[JsonSerializable(typeof(ApplyRequest))]
[JsonSerializable(typeof(ApplyReply))]
[JsonSerializable(typeof(RunRequest))]
[JsonSerializable(typeof(OneOffNews))]
[JsonSerializable(typeof(ServicesRequest))]
[JsonSerializable(typeof(ScaleRequest))]
[JsonSerializable(typeof(WaitRequest))]
[JsonSerializable(typeof(WatchRequest))]
[JsonSerializable(typeof(WaitResult))]
[JsonSerializable(typeof(WaitResult.Reached))]
[JsonSerializable(typeof(WaitResult.TimedOut))]
[JsonSerializable(typeof(WaitResult.Failed))]
[JsonSerializable(typeof(WaitResult.UnknownServices), TypeInfoPropertyName = "WaitForUnknownServices")]
[JsonSerializable(typeof(DownOptions))]
[JsonSerializable(typeof(DownReport))]
[JsonSerializable(typeof(LogLine))]
[JsonSerializable(typeof(StackEvent))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ControlJsonContext : JsonSerializerContext;
