using Semver;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>Ranges of versions as npm writes them.</summary>
internal static class VersionRange
{
    /// <summary>Null when the text is no range; nothing at all is any version.</summary>
    public static SemVersionRange? Parse(string text)
    {
        var range = text.Trim();
        return range.Length == 0 ? SemVersionRange.AllRelease
            : SemVersionRange.TryParseNpm(range, includeAllPrerelease: false, out var parsed) ? parsed
            : null;
    }

    public static bool Allows(string range, string version) =>
        Parse(range) is { } parsed && SemVersion.TryParse(version, SemVersionStyles.Strict, out var number) && parsed.Contains(number);
}
