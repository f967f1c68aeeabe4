using System.Diagnostics;
using System.Text;

namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>
/// One started process with every line it wrote, in order, and a way to wait for a line that is still to come.
/// Disposal ends it for good.
/// </summary>
internal sealed class RunningProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<string> _standardOutput = [];
    private readonly List<string> _standardError = [];
    private readonly Task _outputRead;
    private readonly Task _errorRead;
    private TaskCompletionSource _changed = NewSignal();

    private RunningProcess(Process process)
    {
        _process = process;
        _outputRead = Read(process.StandardOutput, _standardOutput);
        _errorRead = Read(process.StandardError, _standardError);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public static RunningProcess Start(
        string program, IEnumerable<string> arguments, string workingDirectory, IReadOnlyDictionary<string, string> environment, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return new RunningProcess(process);
    }

    /// <summary>Waits until a line of either stream fulfils the condition, those already written included.</summary>
    public async Task<string> LineAsync(Func<string, bool> condition, string description)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_standardOutput.Concat(_standardError).FirstOrDefault(condition) is { } line)
                {
                    return line;
                }

                changed = _changed.Task;
            }

            if (_outputRead.IsCompleted && _errorRead.IsCompleted && changed == _changed.Task)
            {
                Assert.Fail($"the process ended without a line {description}:\n{Transcript()}");
            }

            await Task.WhenAny(changed, Task.WhenAll(_outputRead, _errorRead))
                .OrFail(() => $"no line {description} in:\n{Transcript()}");
        }
    }

    public Task<Finished> ExitAsync() => ExitAsync(FailureLimit.Duration);

    public async Task<Finished> ExitAsync(TimeSpan limit)
    {
        await _process.WaitForExitAsync().OrFail(() => $"process {Id} did not end:\n{Transcript()}", limit);
        await Task.WhenAll(_outputRead, _errorRead).OrFail(() => $"someone still holds the output of process {Id}:\n{Transcript()}");
        return new Finished(_process.ExitCode, string.Join('\n', _standardOutput), string.Join('\n', _standardError));
    }

    public void Signal(int signal) => Assert.Equal(0, Posix.Kill(Id, signal));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    public string Transcript()
    {
        lock (_gate)
        {
            return $"--- stdout\n{string.Join('\n', _standardOutput)}\n--- stderr\n{string.Join('\n', _standardError)}";
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task Read(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                lines.Add(line);
                _changed.SetResult();
                _changed = NewSignal();
            }
        }
    }
}

/// <summary>What a process left behind when it ended.</summary>
internal sealed record Finished(int ExitCode, string Output, string Error)
{
    public string All => $"exit {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";
}
