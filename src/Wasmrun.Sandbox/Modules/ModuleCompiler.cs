using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Wasmtime;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Compiles a module, binary or text, and puts what the compiler says about a bad one into words: the line of a text
/// module, and what to do about features that a sandbox leaves off.
/// </summary>
internal static partial class ModuleCompiler
{
    private static readonly (string Says, string Means)[] Refused =
    [
        ("threads must be enabled", "shares its memory between threads, which has no equal in a sandbox with one thread; build it without threads (wasm32-wasip1, no -pthread)"),
        ("threads support is not enabled", "uses atomic instructions of threads, which has no equal in a sandbox with one thread; build it without threads (wasm32-wasip1, no -pthread)"),
        ("memory64 must be enabled", "uses 64-bit memory; build it for wasm32"),
        ("multiple memories", "declares several memories; a guest here has one"),
        ("but was given a WebAssembly component", "is a WebAssembly component; build it for wasm32-wasip1"),
        ("unexpected end", "is not complete: the file ends too early; build or copy it again"),
    ];

    /// <summary>Takes the time of the compiler: up to seconds for an interpreter.</summary>
    /// <exception cref="ModuleProblemException">The bytes are not a module that can run here.</exception>
    public static Module Compile(Wasmtime.Engine engine, ReadOnlySpan<byte> bytes)
    {
        var text = ModuleFormat.IsText(bytes);
        try
        {
            return Module.FromBytes(engine, "module", text ? ToBinary(bytes) : bytes);
        }
        catch (WasmtimeException e)
        {
            throw new ModuleProblemException(Explain(e.Message), e);
        }
    }

    private static byte[] ToBinary(ReadOnlySpan<byte> text)
    {
        try
        {
            return Module.ConvertText(Encoding.UTF8.GetString(text).TrimStart('\ufeff'));
        }
        catch (WasmtimeException e)
        {
            var place = PlaceInText().Match(e.Message);
            throw new ModuleProblemException(
                new(
                    $"is not valid WebAssembly text: {ForeignName.Printed(e.Message.Split('\n')[0].Trim())}",
                    place.Success ? int.Parse(place.Groups["line"].ValueSpan, CultureInfo.InvariantCulture) : 0,
                    place.Success ? int.Parse(place.Groups["column"].ValueSpan, CultureInfo.InvariantCulture) : 0),
                e);
        }
    }

    private static ModuleProblem Explain(string message)
    {
        foreach (var (says, means) in Refused)
        {
            if (message.Contains(says, StringComparison.Ordinal))
            {
                return new(means);
            }
        }

        var causes = message[(message.IndexOf("Caused by:", StringComparison.Ordinal) + 1)..].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var function = FailedFunction().Match(message);
        return new(
            $"is not valid WebAssembly: {ForeignName.Printed(CauseNumber().Replace(causes[^1], string.Empty))}" +
            (function.Success ? $", in function {function.Groups["index"].Value}" : string.Empty));
    }

    [GeneratedRegex(@"--> <anon>:(?<line>\d+):(?<column>\d+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlaceInText();

    [GeneratedRegex(@"failed to compile: wasm\[0\]::function\[(?<index>\d+)\]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FailedFunction();

    [GeneratedRegex(@"^\d+: ", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CauseNumber();
}
