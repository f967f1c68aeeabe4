using System.Reflection;

namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>
/// The real executable, as the build of this solution made it or as <c>WASMRUN_TESTS_PROGRAM</c> names it (a published one), and the
/// files of the checkout it was built from.
/// </summary>
internal static class Wasmrun
{
    /// <summary>What <c>dotnet build</c> has made, whichever program the tests run.</summary>
    public static string Built { get; } = Path.GetFullPath(Path.Combine(Metadata("WasmrunOutput"), OperatingSystem.IsWindows() ? "wasmrun.exe" : "wasmrun"));

    public static string Executable { get; } = Environment.GetEnvironmentVariable("WASMRUN_TESTS_PROGRAM") is { Length: > 0 } program
        ? Path.GetFullPath(program)
        : Built;

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Metadata("WasmrunOutput"), "../../../../.."));

    /// <summary>A compiled test guest, <c>tests/guests/NAME.wasm</c>.</summary>
    public static string Guest(string name) => Path.Combine(Root, "tests", "guests", name + ".wasm");

    /// <summary>A module of the example stack, <c>examples/multi-service/NAME/NAME.wasm</c>.</summary>
    public static string Example(string name) => Path.Combine(Root, "examples", "multi-service", name, name + ".wasm");

    private static string Metadata(string key) =>
        typeof(Wasmrun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
