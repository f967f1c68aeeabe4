using System.Globalization;
using Wasmrun.Cli.Rendering.Progress;
using Wasmrun.Cli.Terminal;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Rendering;

/// <summary>
/// What happens to a stack, in the words of the terminal. Between log lines only what a user wants to be told of is said; while a
/// command works, every step is.
/// </summary>
internal static class EventText
{
    /// <summary>The line for between the guests' lines, or null for what is not worth one.</summary>
    internal static string? BetweenLogs(StackEvent happened, Palette colors)
    {
        var who = happened.Instance ?? happened.Service ?? happened.Project;
        return happened.Kind switch
        {
            StackEventKind.Exited => $"{who} {Exit(happened)}",
            StackEventKind.Restarting => $"{who} restarts in {Delay(happened)}{Attempt(happened)}",
            StackEventKind.Started when happened.Generation > 1 => $"{who} started again",
            StackEventKind.Swapped => $"{who} swapped: {happened.Cause}",
            StackEventKind.SwapFailed => $"{who} {colors.Error("swap failed:")} {happened.Cause}",
            StackEventKind.Failed => $"{who} {colors.Error("failed:")} {happened.Cause}",
            StackEventKind.Watching => $"{who} is watched: {happened.Cause}",
            StackEventKind.FilesChanged => $"{who} reloads: {happened.Cause}",
            StackEventKind.Preparing => happened.Cause,
            StackEventKind.Building => $"{who} builds: {happened.Cause}",
            StackEventKind.Built => $"{who} built in {HumanDuration.Short(Milliseconds(happened, "duration"))}",
            StackEventKind.BuildFailed or StackEventKind.ReloadFailed =>
                $"{who} {colors.Error("not reloaded:")} {happened.Cause.ReplaceLineEndings("\n    ")}",
            StackEventKind.Recovered => $"{who} recovered: {happened.Cause}",
            StackEventKind.Unhealthy or StackEventKind.NotListening or StackEventKind.HoldExpired or StackEventKind.EgressDenied
                or StackEventKind.LogFailed or StackEventKind.LogResumed or StackEventKind.EventsMissed =>
                $"{who} {colors.Warning("warning:")} {happened.Cause}",
            _ => null,
        };
    }

    /// <summary>The line for <c>--verbose</c>: everything, with its cause.</summary>
    internal static string Verbose(StackEvent happened, Palette colors) =>
        (happened.Kind == StackEventKind.Preparing ? null : BetweenLogs(happened, colors)) ?? $"{happened.Instance ?? happened.Service ?? happened.Project} {Word(happened.Kind)}{Cause(happened)}";

    /// <summary>The line of <c>events</c>: when, who, what, why, and the attributes.</summary>
    internal static string Listed(StackEvent happened)
    {
        var attributes = happened.Attributes.Where(attribute => attribute.Value.Length > 0 && !attribute.Value.Contains('\n', StringComparison.Ordinal))
            .OrderBy(attribute => attribute.Key, StringComparer.Ordinal)
            .Select(attribute => $"{attribute.Key}={attribute.Value}")
            .ToList();
        var detail = attributes.Count == 0 ? string.Empty : $" ({string.Join(", ", attributes)})";
        var time = happened.Time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return $"{time} {happened.Instance ?? happened.Service ?? happened.Project} {Word(happened.Kind)}{Cause(happened)}{detail}";
    }

    /// <summary>How far the event brought its service, for the display of progress; null when it says nothing about that.</summary>
    internal static ProgressStep? Step(StackEvent happened) => happened.Kind switch
    {
        StackEventKind.Preparing => new ProgressStep("Preparing", ProgressOutcome.Underway, happened.Cause),
        StackEventKind.Waiting => new ProgressStep("Waiting", ProgressOutcome.Underway, happened.Cause),
        StackEventKind.Starting => new ProgressStep("Starting", ProgressOutcome.Underway, string.Empty),
        StackEventKind.Started => new ProgressStep("Started", ProgressOutcome.Done, string.Empty),
        StackEventKind.Swapping => new ProgressStep("Swapping", ProgressOutcome.Underway, string.Empty),
        StackEventKind.Swapped => new ProgressStep("Swapped", ProgressOutcome.Done, string.Empty),
        StackEventKind.SwapFailed => new ProgressStep("Swap failed", ProgressOutcome.Failed, happened.Cause),
        StackEventKind.Healthy => new ProgressStep("Healthy", ProgressOutcome.Done, string.Empty),
        StackEventKind.NotListening => new ProgressStep("Not listening", ProgressOutcome.Failed, happened.Cause),
        StackEventKind.Unhealthy => new ProgressStep("Unhealthy", ProgressOutcome.Failed, happened.Cause),
        StackEventKind.Exited when WasStopped(happened) => null,
        StackEventKind.Exited => new ProgressStep(happened.Cause, EndedWell(happened) ? ProgressOutcome.Done : ProgressOutcome.Failed, string.Empty),
        StackEventKind.Restarting => new ProgressStep("Restarting", ProgressOutcome.Underway, $"in {Delay(happened)}"),
        StackEventKind.Stopping => new ProgressStep("Stopping", ProgressOutcome.Underway, string.Empty),
        StackEventKind.Stopped => new ProgressStep("Stopped", ProgressOutcome.Done, string.Empty),
        StackEventKind.Removed => new ProgressStep("Removed", ProgressOutcome.Done, string.Empty),
        StackEventKind.Updated => new ProgressStep("Updated", ProgressOutcome.Done, happened.Cause),
        StackEventKind.Failed => new ProgressStep("Failed", ProgressOutcome.Failed, happened.Cause),
        _ => null,
    };

    /// <summary>That it ended because it was told to is said by what follows.</summary>
    internal static bool WasStopped(StackEvent happened) =>
        happened.Kind == StackEventKind.Exited && string.Equals(happened.Cause, "was stopped", StringComparison.Ordinal);

    private static bool EndedWell(StackEvent happened) => happened.Attributes.GetValueOrDefault("exitCode") is "0";

    private static string Exit(StackEvent happened)
    {
        var code = happened.Attributes.GetValueOrDefault("exitCode");
        var text = code is null ? "ended" : $"exited with code {code}";
        var detail = happened.Attributes.GetValueOrDefault("detail");
        var why = happened.Cause.Length == 0 || string.Equals(happened.Cause, text, StringComparison.Ordinal) ? string.Empty : $" ({happened.Cause})";
        return string.IsNullOrEmpty(detail) ? $"{text}{why}" : $"{text}{why}\n    {detail.TrimEnd().ReplaceLineEndings("\n    ")}";
    }

    private static TimeSpan Milliseconds(StackEvent happened, string attribute) =>
        double.TryParse(happened.Attributes.GetValueOrDefault(attribute), CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : TimeSpan.Zero;

    private static string Delay(StackEvent happened) =>
        double.TryParse(happened.Attributes.GetValueOrDefault("delay"), CultureInfo.InvariantCulture, out var milliseconds)
            ? HumanDuration.Short(TimeSpan.FromMilliseconds(milliseconds))
            : "a moment";

    private static string Attempt(StackEvent happened) =>
        happened.Attributes.GetValueOrDefault("attempt") is { } attempt ? $" (attempt {attempt})" : string.Empty;

    private static string Cause(StackEvent happened) => happened.Cause.Length == 0 ? string.Empty : $": {happened.Cause}";

    private static string Word(StackEventKind kind)
    {
        var words = string.Concat(kind.ToString().Select(letter => char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}"));
        return words.TrimStart();
    }
}
