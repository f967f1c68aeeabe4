using Wasmrun.Sandbox;
using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Modules;

/// <summary>
/// Has a module look at <see cref="StopFlag"/> in every round of every loop, and trap when it is set. Nothing that runs for ever gets by without a loop: functions
/// that call themselves end where the stack does. The looks of a compiler are in every function too, and end in a call, around which it has to keep
/// what it has in registers; a trap keeps nothing.
/// </summary>
internal static class StopLooks
{
    private const byte FourByteAlignment = 2;

    /// <summary>The function with these looks.</summary>
    public static ModuleFunction Add(ModuleFunction function)
    {
        var code = new MemoryStream(function.Code.Length * 2);
        var reader = new InstructionReader(function.Code);
        while (reader.Read())
        {
            code.Write(reader.Bytes);
            if (reader.Operation == Loop)
            {
                code.Write([Int32Constant, 0, Int32Load, FourByteAlignment]);
                WasmNumber.Write(code, StopFlag.Address);
                code.Write([If, NoResult, Unreachable, End]);
            }
        }

        return function with { Code = code.ToArray() };
    }
}
