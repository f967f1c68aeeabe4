using System.Text;
using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Api;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Cli.Rendering;

/// <summary>
/// Says why a wish was not, or not wholly, fulfilled: everything at once, each with its place and a way out, and the exit code that
/// goes with it.
/// </summary>
internal sealed class ReplyReporter(Screen screen)
{
    private readonly DiagnosticPrinter _diagnostics = new(screen);

    /// <summary>Reports the outcome of a wish; of a fulfilled one only what went wrong.</summary>
    /// <param name="manifest">The manifest as this process read it, to show the lines that are spoken of; null when it did not.</param>
    /// <returns>The exit code.</returns>
    internal int Report(ApplyReply reply, ManifestResult? manifest)
    {
        switch (reply)
        {
            case ApplyReply.Applied applied:
                ReportFailures(applied.Failures);
                return applied.Failures.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
            case ApplyReply.Planned planned:
                screen.WriteOutput(Encoding.UTF8.GetBytes(planned.Plan));
                return ExitCodes.Success;
            case ApplyReply.ManifestInvalid invalid:
                _diagnostics.Print(invalid.Diagnostics, LineAt(manifest));
                return ExitCodes.InvalidManifest;
            case ApplyReply.PortsTaken taken:
                ReportConflicts(taken.Conflicts, manifest);
                return ExitCodes.PortConflict;
            case ApplyReply.ModulesUnusable unusable:
                _diagnostics.Print(unusable.Failures.Select(AsDiagnostic), LineAt(manifest));
                return ExitCodes.Failure;
            case ApplyReply.UnknownServices unknown:
                ReportUnknown(unknown.Names, unknown.Known);
                return ExitCodes.Failure;
            case ApplyReply.Refused refused:
                refused.Complaints.ToList().ForEach(TellError);
                return ExitCodes.Failure;
            case ApplyReply.Abandoned abandoned:
                TellError(abandoned.Reason);
                return ExitCodes.Failure;
            default:
                throw new InvalidOperationException($"no report for {reply.GetType()}");
        }
    }

    /// <summary>What applying changed about a stack that was running already, step by step with the reasons.</summary>
    internal void ReportChanges(ApplyReply reply)
    {
        if (reply is ApplyReply.Applied applied)
        {
            foreach (var line in applied.Steps.Count == 0 ? ["nothing changed"] : applied.Steps.Select(step => $"{step.Id}: {step.Cause}"))
            {
                screen.Tell(line);
            }
        }
    }

    /// <summary>What runs and is in the manifest no more; for who can be told to remove it.</summary>
    internal void ReportOrphans(ApplyReply reply)
    {
        if (reply is ApplyReply.Applied { Orphans.Count: > 0 } applied)
        {
            screen.Tell($"{screen.ErrorColors.Warning("warning:")} still running, though the manifest no longer declares them: " +
                $"{string.Join(", ", applied.Orphans)}; --remove-orphans removes them");
        }
    }

    internal void ReportUnknown(IReadOnlyList<string> names, IReadOnlyList<string> known)
    {
        foreach (var name in names)
        {
            TellError(known.Count == 0 ? $"no such service: {name}" : $"no such service: {name}; there are: {string.Join(", ", known)}");
        }
    }

    internal void ReportFailures(IReadOnlyList<ServiceFailure> failures)
    {
        foreach (var failure in failures)
        {
            TellError($"service '{failure.Service}': {failure.Reason}");
            foreach (var line in failure.LastLines)
            {
                screen.Tell($"    {line}");
            }
        }
    }

    internal void TellError(string text) => screen.Tell($"{screen.ErrorColors.Error("error:")} {text}");

    private void ReportConflicts(IReadOnlyList<PortConflict> conflicts, ManifestResult? manifest)
    {
        foreach (var report in PortConflictText.Of(conflicts, manifest?.Stack))
        {
            _diagnostics.Print([report.Diagnostic], LineAt(manifest));
            screen.Tell($"    {report.Remedy}");
        }

        TellError("nothing was started");
    }

    private static Diagnostic AsDiagnostic(ModuleFailure failure) => new(
        "WR3001", DiagnosticSeverity.Error, failure.Location, $"service '{failure.Service}': {failure.Message}");

    private static Func<SourceLocation, string?> LineAt(ManifestResult? manifest) =>
        manifest is null ? static _ => null : manifest.Sources.LineAt;
}
