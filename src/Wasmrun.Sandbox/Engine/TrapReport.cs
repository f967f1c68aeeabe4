using System.Text.RegularExpressions;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Modules;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// Reads from the exception that ended a guest how it ended. What a host function throws comes back wrapped by the engine,
/// and only the wrapped exception tells an exit from a stop and from a bug of the runner.
/// </summary>
internal static partial class TrapReport
{
    public static InstanceExit ExitOf(Exception exception) => exception switch
    {
        GuestStoppedException => new InstanceExit.Stopped(),
        WasmtimeException { InnerException: ProcessExitException exit } => new InstanceExit.Exited(exit.Code),
        WasmtimeException { InnerException: GuestStoppedException } => new InstanceExit.Stopped(),
        WasmtimeException { InnerException: { } cause } => new InstanceExit.Failed($"the runner failed in a call of the guest: {Name(cause)}"),
        WasmtimeException { Frames.Count: > 0 } trap => new InstanceExit.Trapped(Reason(trap), Backtrace(trap.Message)),
        TrapException trap => new InstanceExit.Trapped(Reason(trap), string.Empty),
        WasmtimeException refused => new InstanceExit.Failed($"the guest cannot be started: {LastCause(refused.Message)}"),
        IOException unavailable => new InstanceExit.Failed($"the guest cannot be started: {unavailable.Message}"),
        _ => new InstanceExit.Failed($"the runner failed: {Name(exception)}"),
    };

    private static string Name(Exception exception) => $"{exception.GetType().Name}: {exception.Message}";

    private static string Reason(WasmtimeException trap) => trap is not TrapException { Type: var type } ? LastCause(trap.Message) : type switch
    {
        TrapCode.Unreachable => "unreachable executed",
        TrapCode.StackOverflow => "call stack exhausted",
        TrapCode.MemoryOutOfBounds => Address().Match(trap.Message) is { Success: true } address
            ? $"out of bounds memory access at address {address.Groups["address"].Value}"
            : "out of bounds memory access",
        TrapCode.TableOutOfBounds => "out of bounds table access",
        TrapCode.IndirectCallToNull => "call of a null function pointer",
        TrapCode.BadSignature => "call of a function pointer with the wrong type",
        TrapCode.IntegerDivisionByZero => "integer divide by zero",
        TrapCode.IntegerOverflow => "integer overflow",
        TrapCode.BadConversionToInteger => "float that fits no integer",
        _ => LastCause(trap.Message),
    };

    /// <summary>Innermost function first. The engine's own text has the numbers of functions whose names were stripped.</summary>
    private static string Backtrace(string message) => string.Join('\n', Frame().Matches(message).Select(frame =>
    {
        var name = frame.Groups["number"].Success ? $"function {frame.Groups["number"].Value}" : ForeignName.Printed(frame.Groups["name"].Value);
        return frame.Groups["address"].Success ? $"at {name} ({frame.Groups["address"].Value})" : $"at {name}";
    }));

    private static string LastCause(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0 ? "no reason given" : ForeignName.Printed(CauseNumber().Replace(lines[^1], string.Empty).Replace("wasm trap: ", string.Empty, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^ *\d+: +(?:(?<address>0x[0-9a-f]+) - )?<unknown>!(?:<wasm function (?<number>\d+)>|(?<name>.*))$", RegexOptions.CultureInvariant | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Frame();

    [GeneratedRegex("memory fault at wasm address (?<address>0x[0-9a-f]+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();

    [GeneratedRegex(@"^\d+: ", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CauseNumber();
}
