using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Wasmrun.Manifest.Specs;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Reconciliation.Building;

/// <summary>
/// Runs the build commands of services on the host, each with its output in the service's log, and remembers which are done: a
/// service is built before its first start in this run, and when somebody asks.
/// </summary>
public sealed class ProjectBuilder(LogStore logs, EventStream events, TimeProvider time)
{
    private const int LinesToShow = 10;

    /// <summary>How long output may still come after the command has ended, from what it left running.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, BuildSpec> _built = new(StringComparer.Ordinal);

    /// <summary>A service and what runs once of it are built from the same files: one after the other.</summary>
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>The services are to be built again before they are started.</summary>
    public void Forget(IEnumerable<string> services)
    {
        foreach (var service in services)
        {
            _built.TryRemove(service, out _);
        }
    }

    /// <summary>Builds the service unless it has been built in this run.</summary>
    /// <returns>Null when it is built, or has no build command; otherwise why it is not.</returns>
    public async Task<string?> EnsureAsync(ServiceSpec service, CancellationToken token)
    {
        if (service.Build is null || IsBuilt(service))
        {
            return null;
        }

        var turn = _turns.GetOrAdd(Key(service), _ => new(1));
        await turn.WaitAsync(token);
        try
        {
            return IsBuilt(service) ? null : await BuildAsync(service, token);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Builds the service now.</summary>
    /// <returns>As of <see cref="EnsureAsync"/>.</returns>
    public async Task<string?> BuildAsync(ServiceSpec service, CancellationToken token)
    {
        if (service.Build is not { } build)
        {
            return null;
        }

        var subject = new EventSubject(service.Name, service.InstanceName(1), 0);
        var started = time.GetTimestamp();
        events.Publish(StackEventKind.Building, build.Command, subject);
        var complaint = await RunInLogAsync(build, subject, token);
        if (complaint is null)
        {
            _built[Key(service)] = build;
            var milliseconds = time.GetElapsedTime(started).TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
            events.Publish(StackEventKind.Built, build.Command, subject, ("duration", milliseconds));
        }
        else
        {
            events.Publish(StackEventKind.BuildFailed, complaint.Split('\n')[0], subject);
        }

        return complaint;
    }

    private static string Key(ServiceSpec service) => service.OneOffOf ?? service.Name;

    private bool IsBuilt(ServiceSpec service) => _built.TryGetValue(Key(service), out var done) && done == service.Build;

    private async Task<string?> RunInLogAsync(BuildSpec build, EventSubject subject, CancellationToken token)
    {
        var isKnown = logs.Knows(subject.Instance!);
        try
        {
            return await RunAsync(build, logs.Open(subject.Service!, subject.Instance!), token);
        }
        catch (OperationCanceledException) when (!isKnown)
        {
            // The service has not come to be, so nobody else would end its log for those who follow it.
            logs.Remove(subject.Instance!);
            throw;
        }
    }

    private async Task<string?> RunAsync(BuildSpec build, ServiceLog log, CancellationToken token)
    {
        var shell = OperatingSystem.IsWindows() ? ("cmd.exe", "/c") : ("/bin/sh", "-c");
        var start = new ProcessStartInfo(shell.Item1, [shell.Item2, build.Command])
        {
            WorkingDirectory = build.Directory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = log.OutputOf(0);
            var copies = Task.WhenAll(
                CopyAsync(process.StandardOutput.BaseStream, output, GuestStream.Output), CopyAsync(process.StandardError.BaseStream, output, GuestStream.Error));
            try
            {
                await process.WaitForExitAsync(token);
                await Task.WhenAny(copies, Task.Delay(s_lastWords, time, token));
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }

                log.End(0);
            }

            return process.ExitCode == 0 ? null : Explain(build, process.ExitCode, log);
        }
        catch (Exception refused) when (refused is Win32Exception or IOException)
        {
            return $"the build command '{build.Command}' cannot be run in '{build.Directory}': {refused.Message}";
        }
    }

    private static string Explain(BuildSpec build, int code, ServiceLog log)
    {
        var lines = log.RecentLines(LinesToShow);
        var text = string.Create(CultureInfo.InvariantCulture, $"the build command '{build.Command}' exited with code {code}");
        return lines.Count == 0 ? text : $"{text}; its last lines:\n    {string.Join("\n    ", lines)}";
    }

    private static async Task CopyAsync(Stream from, IGuestOutput to, GuestStream stream)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, CancellationToken.None) is > 0 and var count)
            {
                to.Write(stream, buffer.AsSpan(0, count));
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
            // The command is gone, or the log is.
        }
    }
}
