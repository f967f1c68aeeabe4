using System.Globalization;

namespace Wasmrun.Supervision.Logs;

/// <summary>
/// One file of a log. Its name is the sequence of its first record, so that a position is found without opening
/// anything, and rotation never renames a file that somebody reads.
/// </summary>
internal sealed record LogSegment(string Path, long First)
{
    private const string Extension = ".jsonl";

    public static LogSegment At(string directory, long first) =>
        new(System.IO.Path.Combine(directory, first.ToString("D19", CultureInfo.InvariantCulture) + Extension), first);

    /// <summary>The files of a log, oldest first; files with other names are somebody else's and are left alone.</summary>
    public static IReadOnlyList<LogSegment> Find(string directory) => Directory.Exists(directory)
        ? [.. Directory.EnumerateFiles(directory, "*" + Extension).Select(Recognize).OfType<LogSegment>().OrderBy(segment => segment.First)]
        : [];

    private static LogSegment? Recognize(string path) =>
        long.TryParse(System.IO.Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            ? new(path, first)
            : null;
}
