using Wasmtime;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// Raises a signal in an interpreter that computes, as a signal handler in C does it: by flags in its memory, which it looks at between
/// two steps of a program. The guest's side of it is <c>wasmrun_signal.py</c>.
/// </summary>
/// <remarks>The addresses are those of the one module that <see cref="PythonModule"/> knows. They are CPython's <c>_PyRuntime.signals</c> and what <c>_PyEval_SignalReceived</c> writes.</remarks>
internal static class InterpreterSignals
{
    /// <summary>The number that the guest has a handler for.</summary>
    private const int Number = 64;

    private const int Handlers = 3825032;
    private const int HandlerBytes = 8;
    private const int IsTripped = 3825560;
    private const int MainInterpreter = 3823784;
    private const int RuntimeOfInterpreter = 80;
    private const int EvalBreakerOfInterpreter = 236;
    private const int PendingOfRuntime = 2044;

    /// <summary>Makes the interpreter call its handler soon. A guest may have anything at these addresses: nothing but its own memory is written.</summary>
    public static void Raise(Memory memory)
    {
        var interpreter = (long)(uint)memory.ReadInt32(MainInterpreter);
        Set(memory, Handlers + (Number * HandlerBytes));
        Set(memory, IsTripped);
        if (IsWithin(memory, interpreter + RuntimeOfInterpreter))
        {
            Set(memory, (uint)memory.ReadInt32(interpreter + RuntimeOfInterpreter) + PendingOfRuntime);
            Set(memory, interpreter + EvalBreakerOfInterpreter);
        }
    }

    private static void Set(Memory memory, long address)
    {
        if (IsWithin(memory, address))
        {
            memory.WriteInt32(address, 1);
        }
    }

    private static bool IsWithin(Memory memory, long address) => address + sizeof(int) <= memory.GetLength();
}
