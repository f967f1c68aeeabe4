using System.Collections;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Wasmrun.Control.Api;

namespace Wasmrun.Control.Server;

/// <summary>
/// Finds what a body lacks. The serializer leaves null in what was not written, also where the contract knows no null; nobody behind the
/// socket expects that.
/// </summary>
internal static class RequestCheck
{
    /// <summary>The first part that has to be there and is not, as a path: <c>source.files[0]</c>; null when all is there.</summary>
    internal static string? FindMissing(object body, JsonTypeInfo contract) => FindMissing(body, contract, path: "");

    private static string? FindMissing(object body, JsonTypeInfo contract, string path) => contract.Kind switch
    {
        JsonTypeInfoKind.Object => contract.Properties.Select(property => FindMissing(body, property, path)).FirstOrDefault(missing => missing is not null),
        JsonTypeInfoKind.Enumerable => FindMissingItem((IEnumerable)body, path),
        JsonTypeInfoKind.Dictionary => FindMissingEntry(body, path),
        _ => null,
    };

    private static string? FindMissing(object body, JsonPropertyInfo property, string path)
    {
        var name = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
        return property.Get?.Invoke(body) switch
        {
            { } value => FindMissing(value, ControlJson.For(property.PropertyType), name),
            null => property.IsGetNullable ? null : name,
        };
    }

    private static string? FindMissingItem(IEnumerable items, string path) => items
        .Cast<object?>()
        .Select((item, index) => item is null ? string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]") : null)
        .FirstOrDefault(missing => missing is not null);

    private static string? FindMissingEntry(object entries, string path) => entries is IReadOnlyDictionary<string, string> texts
        ? texts.Where(entry => entry.Value is null).Select(entry => $"{path}.{entry.Key}").FirstOrDefault()
        : null;
}
