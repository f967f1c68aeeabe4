namespace Wasmrun.Manifest.Diagnostics;

/// <summary>
/// Finds what the user probably meant: the candidate with the smallest Damerau-Levenshtein distance (insert, delete,
/// replace, swap of neighbours), if it is near enough to be a slip of the finger, or one that the word only begins.
/// </summary>
public static class Suggestion
{
    private const int LongestWord = 48;
    private const int MostCandidates = 512;
    private const int ShortestBeginning = 3;

    public static string? Closest(string written, IEnumerable<string> candidates)
    {
        if (written.Length is 0 or > LongestWord)
        {
            return null;
        }

        string? best = null;
        var furthest = Math.Max(1, written.Length / 3);
        var bestDistance = furthest + 1;
        foreach (var candidate in candidates.Take(MostCandidates))
        {
            if (candidate.Length > LongestWord)
            {
                continue;
            }

            var distance = Distance(written.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (written.Length >= ShortestBeginning && candidate.StartsWith(written, StringComparison.OrdinalIgnoreCase))
            {
                distance = Math.Min(distance, furthest);
            }

            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    internal static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            rows[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
