namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>The registry of npm that some tests need. Where it cannot be reached, they are skipped with the reason, but not in CI.</summary>
internal static class Registry
{
    /// <summary>Brings a stack up whose runtimes and packages come from the registry.</summary>
    public static async Task UpAsync(TestStack stack)
    {
        var up = await stack.RunAsync("up", "-d", "--wait");
        var isUnreachable = up.Error.Contains("it cannot be reached", StringComparison.Ordinal) || up.Error.Contains("or no network", StringComparison.Ordinal);
        if (isUnreachable && Environment.GetEnvironmentVariable("WASMRUN_TESTS_REQUIRE_ALL") is not ("1" or "true"))
        {
            Assert.Skip($"the registry of npm cannot be reached: {up.Error}");
        }

        if (up.ExitCode != 0)
        {
            var logs = await stack.RunAsync("logs");
            Assert.Fail($"{up.All}\n{logs.All}");
        }
    }
}
