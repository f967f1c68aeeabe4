namespace Wasmrun.Manifest.Reading;

/// <summary>The keys that one kind of mapping may hold.</summary>
/// <param name="Owner">What the mapping is, in the words of a message: <c>a service</c>.</param>
/// <param name="Keys">Every key of the reference, the ones that this version does not support yet included.</param>
/// <param name="AllowsExtensions">Whether keys that begin with <c>x-</c> are the user's own.</param>
internal sealed record KeyTable(string Owner, IReadOnlyList<string> Keys, bool AllowsExtensions = false)
{
    /// <summary>What other tools call a key, by that name, for whoever comes from there.</summary>
    public IReadOnlyDictionary<string, string> OtherNames { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public bool Knows(string key) =>
        Keys.Contains(key) || (AllowsExtensions && key.StartsWith("x-", StringComparison.Ordinal));
}
