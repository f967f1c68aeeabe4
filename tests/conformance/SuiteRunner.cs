using Wasmrun.Network;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Conformance;

/// <summary>
/// Runs tests of the suite one by one, as instances of the product's own sandbox. Each works on a fresh copy of its folder,
/// because tests write, and nothing of the checkout is changed.
/// </summary>
internal sealed class SuiteRunner : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly string _scratch = Directory.CreateTempSubdirectory("wasmrun-conformance-").FullName;
    private readonly SandboxEngine _engine = new(new() { CacheDirectory = null });
    private readonly StackNetwork _stack;
    private readonly ServiceNetwork _service;

    private readonly bool _portable;

    /// <summary>Makes an engine and a stack of one service, which all tests run in.</summary>
    /// <param name="portable">Resolves paths component by component, whatever the machine could do.</param>
    public SuiteRunner(bool portable)
    {
        _portable = portable;
        _stack = new(new() { Name = "conformance", RuntimeDirectory = Path.Combine(_scratch, "run") }, new SilentNetwork(), TimeProvider.System);
        _service = _stack.AddService(new() { Name = "test" });
    }

    /// <summary>Runs one test to its end.</summary>
    /// <returns>What went wrong, or null.</returns>
    public async Task<string?> RunAsync(TestCase test)
    {
        var specification = test.ReadSpecification();
        var folder = specification.Root is { } root ? CopyOf(Path.Combine(test.Folder, root)) : null;
        var output = new CapturedOutput();
        using var network = _service.CreateNamespace();
        var module = await _engine.LoadAsync(test.Module, CancellationToken.None);
        await using var instance = _engine.Create(module, new()
        {
            Name = test.Name,
            Arguments = [Path.GetFileName(test.Module), .. specification.Args],
            Environment = specification.Env,
            Mounts = folder is null ? [] : [new GuestMount.Host("/", folder, ReadOnly: false)],
            Network = network,
            Output = output,
            Resolver = _portable ? PathResolvers.Walking : null,
        });
        instance.Start();
        try
        {
            return Judge(await instance.Completion.WaitAsync(s_limit, TimeProvider.System), specification, output);
        }
        catch (TimeoutException)
        {
            return $"still running after {s_limit.TotalSeconds} seconds";
        }
    }

    public void Dispose()
    {
        _engine.Dispose();
        _service.Dispose();
        _stack.Dispose();
        Directory.Delete(_scratch, recursive: true);
    }

    private static string? Judge(InstanceExit exit, TestSpecification expected, CapturedOutput output) => exit switch
    {
        InstanceExit.Exited { Code: var code } when code == expected.ExitCode =>
            expected.Stdout is { } text && text != output.Output ? $"printed {output.Output}"
            : expected.Stderr is { } error && error != output.Error ? $"printed {output.Error} to standard error"
            : null,
        InstanceExit.Exited { Code: var code } => $"exit code {code}: {output.Error}",
        InstanceExit.Trapped trap => $"{trap.Reason}: {output.Error}",
        _ => exit.ToString(),
    };

    private string CopyOf(string folder)
    {
        var copy = Path.Combine(_scratch, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(copy);
        foreach (var sub in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(copy, Path.GetRelativePath(folder, sub)));
        }

        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(copy, Path.GetRelativePath(folder, file)));
        }

        return copy;
    }
}
