using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Wasmrun.Control.Api;

namespace Wasmrun.Control.Server;

/// <summary>
/// What is wrong with a body that the serializer could not read, in JSON's own words: the field, as a path, and what is expected there.
/// The serializer itself names types of the framework, which nobody on the other side of the socket knows.
/// </summary>
internal static partial class UnreadableBody
{
    internal static string Describe(JsonException error, JsonTypeInfo contract)
    {
        // Behind what is no JSON at all is the reader's own exception.
        if (error.InnerException is JsonException || error.Path is not { } path)
        {
            return FormattableString.Invariant($"it is not JSON: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}");
        }

        JsonTypeInfo? expected = contract;
        foreach (Match step in Step().Matches(path))
        {
            expected = expected is null ? null : Below(expected, step.Groups["name"].Value);
        }

        var place = path.TrimStart('$').TrimStart('.');
        return $"{(place.Length == 0 ? "it" : $"'{place}'")} is not {(expected is null ? "what belongs there" : Name(expected))}";
    }

    private static JsonTypeInfo? Below(JsonTypeInfo contract, string name)
    {
        var type = contract.Kind == JsonTypeInfoKind.Object
            ? contract.Properties.FirstOrDefault(property => string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))?.PropertyType
            : contract.ElementType;
        return type is null ? null : ControlJson.For(type);
    }

    private static string Name(JsonTypeInfo contract)
    {
        var type = Nullable.GetUnderlyingType(contract.Type) ?? contract.Type;
        return contract.Kind switch
        {
            JsonTypeInfoKind.Enumerable => "a list",
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
            _ when type == typeof(string) => "a string",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) => "a whole number of 32 bits",
            _ when type == typeof(TimeSpan) => "a duration such as 00:00:10",
            _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}",
            _ => "what belongs there",
        };
    }

    /// <summary>A property, an odd one in brackets and quotes, or an index.</summary>
    [GeneratedRegex(@"\.(?<name>[^.\[]+)|\['(?<name>.*?)'\]|\[(?<name>\d+)\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Step();
}
