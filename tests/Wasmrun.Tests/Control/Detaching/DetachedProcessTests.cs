using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using Wasmrun.Control.Detaching;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Control.Detaching;

public sealed class DetachedProcessTests : IDisposable
{
    private readonly TemporaryProject _project = new();
    private readonly string _log;

    public DetachedProcessTests() => _log = Path.Combine(_project.Root, "log");

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task Output_GoesToTheLog_AfterWhatIsThere()
    {
        await File.WriteAllTextAsync(_log, "before\n", TestContext.Current.CancellationToken);
        Assert.Equal(0, await RunAsync("echo out; echo err >&2"));
        Assert.Equal("before\nout\nerr\n", await File.ReadAllTextAsync(_log, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Log_IsForItsOwnerAlone()
    {
        await RunAsync("true");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_log));
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("kill -TERM $$", 143)]
    public async Task ExitCode_IsTold(string script, int exitCode) => Assert.Equal(exitCode, await RunAsync(script));

    [Fact]
    public async Task Process_HasASessionOfItsOwnAndNoInput()
    {
        await RunAsync("read -r line < /proc/self/stat; echo $line; cat; readlink /proc/self/fd/0");
        var lines = await File.ReadAllLinesAsync(_log, TestContext.Current.CancellationToken);
        var fields = lines[0].Split(") ", 2)[1].Split(' ');
        var (group, session) = (fields[2], fields[3]);
        Assert.Equal(group, session);
        Assert.NotEqual(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), session);
        Assert.Equal("/dev/null", lines[1]);
    }

    [Fact]
    public async Task Process_InheritsNoDescriptor()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var inherited = Path.Combine("/proc/self/fd", pipe.GetClientHandleAsString());
        Assert.True(File.Exists(inherited) || new FileInfo(inherited).LinkTarget is not null);
        await RunAsync("ls /proc/self/fd");
        var descriptors = await File.ReadAllLinesAsync(_log, TestContext.Current.CancellationToken);

        // 3 is the folder that ls itself reads.
        Assert.Equal(["0", "1", "2", "3"], descriptors);
    }

    [Fact]
    public async Task Process_HasExactlyTheGivenEnvironment()
    {
        await RunAsync("env | grep -c . ; echo $GIVEN", ("GIVEN", "välue"), ("PATH", "/usr/bin:/bin"), ("PWD", "/"));
        var lines = await File.ReadAllLinesAsync(_log, TestContext.Current.CancellationToken);
        Assert.Equal("välue", lines[1]);
        Assert.InRange(int.Parse(lines[0], CultureInfo.InvariantCulture), 3, 5);
    }

    [Fact]
    public void MissingProgram_IsAnError()
    {
        var error = Assert.Throws<System.ComponentModel.Win32Exception>(() => DetachedProcess.Start(new DetachedCommand(
            Path.Combine(_project.Root, "missing"), [], new Dictionary<string, string>(StringComparer.Ordinal), _log)));
        Assert.Contains("cannot start a detached process", error.Message, StringComparison.Ordinal);
    }

    private async Task<int> RunAsync(string script, params (string Name, string Value)[] environment)
    {
        var process = DetachedProcess.Start(new DetachedCommand(
            "/bin/sh", ["-c", script], environment.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal), _log));
        Assert.NotEqual(Environment.ProcessId, process.Id);
        var started = Stopwatch.GetTimestamp();
        int exitCode;
        while (!process.HasExited(out exitCode))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30), "the process did not end");
            await Task.Yield();
        }

        return exitCode;
    }
}
