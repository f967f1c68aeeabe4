using System.Collections;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Wasmrun.Control.Api;
using Wasmrun.Manifest.Parsing;

namespace Wasmrun.Control.Server;

/// <summary>
/// Finds what is wrong with a body beyond its types. The serializer leaves null in what was not written, also where the contract knows no
/// null; nobody behind the socket expects that, nor a time that no timer takes, nor a working folder that would be the runner's.
/// </summary>
internal static class RequestCheck
{
    /// <summary>The first thing that is wrong, with its place as a path: <c>source.files[0]</c>; null when nothing is.</summary>
    internal static string? Complain(object body, JsonTypeInfo contract) => Complain(body, contract, path: "");

    private static string? Complain(object value, JsonTypeInfo contract, string path) => value switch
    {
        TimeSpan time when time < TimeSpan.Zero => $"'{path}' is negative",
        TimeSpan time when time > DurationParser.Longest => $"'{path}' is longer than 1000 hours",
        StackSource { WorkingDirectory: { } folder } when !Path.IsPathFullyQualified(folder) => $"'{path}.workingDirectory' is not an absolute path",
        _ => contract.Kind switch
        {
            JsonTypeInfoKind.Object => contract.Properties.Select(property => Complain(value, property, path)).FirstOrDefault(complaint => complaint is not null),
            JsonTypeInfoKind.Enumerable => ComplainOfItem((IEnumerable)value, path),
            JsonTypeInfoKind.Dictionary => ComplainOfEntry(value, path),
            _ => null,
        },
    };

    private static string? Complain(object body, JsonPropertyInfo property, string path)
    {
        var name = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
        return property.Get?.Invoke(body) switch
        {
            { } value => Complain(value, ControlJson.For(property.PropertyType), name),
            null => property.IsGetNullable ? null : Missing(name),
        };
    }

    private static string? ComplainOfItem(IEnumerable items, string path) => items
        .Cast<object?>()
        .Select((item, index) => item is null ? Missing(string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]")) : null)
        .FirstOrDefault(complaint => complaint is not null);

    private static string? ComplainOfEntry(object entries, string path) => entries is IReadOnlyDictionary<string, string> texts
        ? texts.Where(entry => entry.Value is null).Select(entry => Missing($"{path}.{entry.Key}")).FirstOrDefault()
        : null;

    private static string Missing(string path) => $"'{path}' is missing";
}
