using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>
/// The standard library in the sandbox. Each script of <c>guests/library</c> checks its rules inside the guest and prints one line for each;
/// what fails comes with its traceback.
/// </summary>
public sealed class LibraryTests : IAsyncLifetime
{
    private readonly PythonStack _stack = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Theory]
    [InlineData("sockets.py", 18)]
    [InlineData("servers.py", 11)]
    [InlineData("threads.py", 26)]
    [InlineData("absent.py", 9)]
    [InlineData("system.py", 8)]
    public async Task Library_KeepsItsRules(string script, int rules)
    {
        var (output, exit) = await _stack.RunAsync(PythonStack.Project("library"), script);
        Assert.DoesNotContain("FAILED", output, StringComparison.Ordinal);
        Assert.EndsWith($"\n{rules} rules kept\n", output, StringComparison.Ordinal);
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }
}
