using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>The program as a .NET tool: packed, installed from the package alone, and run.</summary>
public sealed class ToolPackageTests
{
    [Fact]
    public async Task Package_InstallsAndRunsAModule()
    {
        await using var stack = new TestStack("services: {}");
        var packages = Path.Combine(stack.Folder, "packages");
        var tools = Path.Combine(stack.Folder, "tools");
        await DotnetAsync(stack, "pack", Path.Combine(Harness.Wasmrun.Root, "src", "Wasmrun.Cli"), "--artifacts-path", Path.Combine(stack.Folder, "artifacts"), "-o", packages);
        await DotnetAsync(stack, "tool", "install", "wasmrun", "--tool-path", tools, "--add-source", packages, "--prerelease");

        var version = await stack.StartProgram(Path.Combine(tools, "wasmrun"), "--version").ExitAsync();
        Assert.True(version.ExitCode == 0, version.All);
        Assert.Matches(@"^\d+\.\d+\.\d+", version.Output);

        var run = await stack.StartProgram(Path.Combine(tools, "wasmrun"), "os", Harness.Wasmrun.Guest("exit"), "--", "5").ExitAsync();
        Assert.True(run.ExitCode == 5, run.All);
    }

    private static async Task DotnetAsync(TestStack stack, params string[] arguments)
    {
        var finished = await stack.StartProgram(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments).ExitAsync(FailureLimit.OfABuild);
        Assert.True(finished.ExitCode == 0, finished.All);
    }
}
