using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>What a comparison needs before it can start: the Release build of wasmrun, and the guests compiled for this machine.</summary>
internal sealed class Workplace : IDisposable
{
    private Workplace(string root, string nativeFolder)
    {
        Root = root;
        NativeFolder = nativeFolder;
    }

    public string Root { get; }

    public string NativeFolder { get; }

    /// <summary>The program as it is released, compiled ahead of time: the one of <c>WASMRUN_TESTS_PROGRAM</c>, or made for this run.</summary>
    public string Wasmrun => ReadyMade ?? Path.Combine(NativeFolder, "program", "wasmrun");

    private static string? ReadyMade => Environment.GetEnvironmentVariable("WASMRUN_TESTS_PROGRAM");

    public static async Task<Workplace> PrepareAsync()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Wasmrun.sln")))
        {
            directory = directory.Parent;
        }

        var root = directory?.FullName ?? throw new InvalidOperationException("run this inside a checkout of the repository");
        var workplace = new Workplace(root, Directory.CreateTempSubdirectory("wasmrun-compare-").FullName);
        if (ReadyMade is null)
        {
            await RunAsync(
                "dotnet",
                ["publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", Path.Combine(workplace.NativeFolder, "program"), "-v", "quiet", "--nologo", Path.Combine(root, "src", "Wasmrun.Cli")]);
        }

        await RunAsync(Path.Combine(root, "tests", "guests", "build"), ["--native", workplace.NativeFolder]);
        return workplace;
    }

    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program)));

    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{output}");
    }

    public void Dispose() => Directory.Delete(NativeFolder, recursive: true);
}
