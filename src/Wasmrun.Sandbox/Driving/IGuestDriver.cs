using Wasmtime;

namespace Wasmrun.Sandbox;

/// <summary>
/// Runs a guest whose module is a library instead of a program: the host calls its functions, on the instance's own thread and
/// under the same limits, stop signal and output as any other guest. A driver belongs to one instance and is used once.
/// </summary>
public interface IGuestDriver
{
    /// <summary>Defines what the module imports beside the system interface, which is defined already.</summary>
    void Define(Linker linker);

    /// <summary>Runs the guest to its end.</summary>
    /// <returns>The guest's exit code.</returns>
    /// <remarks>An exception ends the guest: that of a stop signal as stopped, any other as failed.</remarks>
    int Run(DrivenGuest guest);

    /// <summary>
    /// Tells a guest that computes that it is asked to end, which it would otherwise learn of when it waits. Called on the guest's thread, in
    /// the middle of its code, at each look-up until the guest has taken the request.
    /// </summary>
    void Interrupt(DrivenGuest guest)
    {
    }
}
