using Wasmrun.Network;
using Wasmrun.Sandbox;

namespace Wasmrun.Benchmarks.Sandbox;

/// <summary>An engine and a stack with one service, for one benchmark class.</summary>
internal sealed class BenchmarkStack : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wasmrun-bench-");
    private readonly StackNetwork _stack;

    public BenchmarkStack()
    {
        Engine = new(new() { CacheDirectory = null });
        _stack = new(new() { Name = "bench", RuntimeDirectory = Path.Combine(_folder.FullName, "run") }, Observer, TimeProvider.System);
        Service = _stack.AddService(new() { Name = "guest" });
    }

    public SandboxEngine Engine { get; }

    public QuietNetwork Observer { get; } = new();

    public ServiceNetwork Service { get; }

    /// <summary>One of the guests in <c>tests/guests</c>, looked for from here up to the root of the checkout.</summary>
    public static string GuestPath(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "tests", "guests", name + ".wasm");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("the benchmarks run inside a checkout of the repository", name);
    }

    public async Task<CompiledModule> LoadAsync(string text)
    {
        var path = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.wat");
        await File.WriteAllTextAsync(path, text);
        return await Engine.LoadAsync(path, CancellationToken.None);
    }

    public void Dispose()
    {
        Engine.Dispose();
        _stack.Dispose();
        _folder.Delete(recursive: true);
    }
}
