namespace Wasmrun.Manifest.Reading;

/// <summary>
/// The keys of the reference that this version reads past no further than to say so. Whoever implements one takes its row
/// away and reads the key.
/// </summary>
internal static class UnsupportedKeys
{
    public static IReadOnlyList<(KeyTable Table, string Key)> Rows { get; } =
    [
        (ManifestKeys.Service, "working_dir"),
    ];

    public static bool Contains(KeyTable table, string key) =>
        Rows.Any(row => ReferenceEquals(row.Table, table) && row.Key == key);
}
