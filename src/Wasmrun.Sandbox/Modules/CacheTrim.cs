namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Holds the cache to its size: what was not used for longest goes first. Code in use stays usable, because the kernel
/// keeps a deleted file for as long as it is mapped, and several runners may trim at once.
/// </summary>
internal static class CacheTrim
{
    public const string EntryEnding = ".code";
    public const string TemporaryEnding = ".tmp";

    /// <summary>A file that a runner was writing for so long was left behind by one that died.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    /// <summary>Deletes what is too much, and what runners left behind that died.</summary>
    /// <param name="keep">Name of the entry that stays in any case: the one just written.</param>
    public static void Trim(string folder, long maxBytes, string keep, TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var left = maxBytes;
        var files = new DirectoryInfo(folder).EnumerateFiles()
            .Where(file => file.Extension is EntryEnding or TemporaryEnding)
            .OrderByDescending(file => string.Equals(file.Name, keep, StringComparison.Ordinal))
            .ThenByDescending(file => file.LastWriteTimeUtc);
        foreach (var file in files)
        {
            var wanted = file.Extension is EntryEnding
                ? string.Equals(file.Name, keep, StringComparison.Ordinal) || file.Length <= left
                : now - file.LastWriteTimeUtc < Abandoned;
            if (wanted)
            {
                left -= file.Length;
            }
            else
            {
                file.Delete();
            }
        }
    }
}
