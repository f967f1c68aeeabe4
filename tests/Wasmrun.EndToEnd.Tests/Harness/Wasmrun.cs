using System.Reflection;

namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>The real executable, as the build of this solution made it, and the files of the checkout it was built from.</summary>
internal static class Wasmrun
{
    public static string Executable { get; } = Path.GetFullPath(
        Path.Combine(Metadata("WasmrunOutput"), OperatingSystem.IsWindows() ? "wasmrun.exe" : "wasmrun"));

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Metadata("WasmrunOutput"), "../../../../.."));

    /// <summary>A compiled test guest, <c>tests/guests/NAME.wasm</c>.</summary>
    public static string Guest(string name) => Path.Combine(Root, "tests", "guests", name + ".wasm");

    /// <summary>A module of the example stack, <c>examples/multi-service/NAME/NAME.wasm</c>.</summary>
    public static string Example(string name) => Path.Combine(Root, "examples", "multi-service", name, name + ".wasm");

    private static string Metadata(string key) =>
        typeof(Wasmrun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
