using System.Globalization;

namespace Wasmrun.Cli.Rendering;

/// <summary>Durations as people say them, in the words that users of compose know from its <c>ps</c>.</summary>
internal static class HumanDuration
{
    internal static string Of(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 1 } => "Less than a second",
        { TotalSeconds: < 2 } => "1 second",
        { TotalSeconds: < 60 } => Count(duration.TotalSeconds, "seconds"),
        { TotalMinutes: < 2 } => "About a minute",
        { TotalMinutes: < 60 } => Count(duration.TotalMinutes, "minutes"),
        { TotalHours: < 2 } => "About an hour",
        { TotalHours: < 48 } => Count(duration.TotalHours, "hours"),
        { TotalDays: < 14 } => Count(duration.TotalDays, "days"),
        { TotalDays: < 60 } => Count(duration.TotalDays / 7, "weeks"),
        { TotalDays: < 730 } => Count(duration.TotalDays / 30, "months"),
        _ => Count(duration.TotalDays / 365, "years"),
    };

    /// <summary>Delays, where a fraction of a second matters: <c>250 ms</c>, <c>1.5 s</c>, <c>2 min</c>.</summary>
    internal static string Short(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(duration.TotalMilliseconds)} ms"),
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(duration.TotalSeconds, 1)} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(duration.TotalMinutes, 1)} min"),
    };

    private static string Count(double amount, string unit) => string.Create(CultureInfo.InvariantCulture, $"{(long)amount} {unit}");
}
