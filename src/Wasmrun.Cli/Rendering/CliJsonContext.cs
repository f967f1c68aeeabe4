using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Wasmrun.Runtimes;

namespace Wasmrun.Cli.Rendering;

/// <summary>What the commands print as JSON, generated at build time.</summary>
[JsonSerializable(typeof(PsRow))]
[JsonSerializable(typeof(LsRow))]
[JsonSerializable(typeof(EventRow))]
[JsonSerializable(typeof(StatsRow))]
[JsonSerializable(typeof(RuntimeStatus))]
[JsonSerializable(typeof(FetchProgress))]
internal sealed partial class CliJsonContext : JsonSerializerContext
{
    /// <summary>Paths and names stay readable.</summary>
    internal static CliJsonContext Relaxed { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
