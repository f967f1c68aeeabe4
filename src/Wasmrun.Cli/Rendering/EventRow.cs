using System.Text.Json;
using System.Text.Json.Serialization;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Rendering;

/// <summary>A line of <c>events --json</c>.</summary>
internal sealed record EventRow(
    [property: JsonPropertyName("time")] DateTimeOffset Time,
    [property: JsonPropertyName("project")] string Project,
    [property: JsonPropertyName("service")] string? Service,
    [property: JsonPropertyName("instance")] string? Instance,
    [property: JsonPropertyName("generation")] int Generation,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("cause")] string Cause,
    [property: JsonPropertyName("attributes")] IReadOnlyDictionary<string, string> Attributes,
    [property: JsonPropertyName("sequence")] long Sequence)
{
    internal static EventRow Of(StackEvent happened) => new(
        happened.Time,
        happened.Project,
        happened.Service,
        happened.Instance,
        happened.Generation,
        JsonNamingPolicy.SnakeCaseLower.ConvertName(happened.Kind.ToString()),
        happened.Cause,
        happened.Attributes,
        happened.Sequence);
}
