namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>Programs of the host that some tests use as real peers. CI installs them all; elsewhere the test says what is missing.</summary>
internal static class Tools
{
    public static string Require(string program, string package)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
        if (found is null && Environment.GetEnvironmentVariable("WASMRUN_TESTS_REQUIRE_ALL") is not ("1" or "true"))
        {
            Assert.Skip($"{program} is not installed (Debian package {package})");
        }

        Assert.True(found is not null, $"{program} is not installed (Debian package {package}), and WASMRUN_TESTS_REQUIRE_ALL is set");
        return found;
    }
}
