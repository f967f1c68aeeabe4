using System.Globalization;
using Wasmrun.Manifest.Validation;

namespace Wasmrun.Cli.Commands;

/// <summary>Reads <c>SERVICE=N</c>, the argument of <c>scale</c> and of <c>up --scale</c>.</summary>
internal static class ScaleOption
{
    internal const string HelpName = "SERVICE=N";

    /// <summary>Why a text is not a number of replicas for a service; null when it is.</summary>
    internal static string? Complaint(string text) => TryRead(text, out _)
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"'{text}' is not SERVICE=N with a number from 0 to {ReplicaRule.Most}.");

    /// <summary>The numbers by service; of a service that is named twice the last counts.</summary>
    internal static IReadOnlyDictionary<string, int> Read(IEnumerable<string> texts)
    {
        var replicas = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            if (TryRead(text, out var entry))
            {
                replicas[entry.Service] = entry.Count;
            }
        }

        return replicas;
    }

    private static bool TryRead(string text, out (string Service, int Count) entry)
    {
        var split = text.LastIndexOf('=');
        entry = split > 0 && int.TryParse(text.AsSpan(split + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? (text[..split], count)
            : ("", -1);
        return entry.Count is >= 0 and <= ReplicaRule.Most;
    }
}
