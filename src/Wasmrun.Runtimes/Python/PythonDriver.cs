using System.Text;
using Wasmrun.Network;
using Wasmrun.Sandbox;
using Wasmtime;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// Runs the interpreter to where a project begins, or takes over an image of one that had come there; then the project. The guest's side of it is
/// <c>wasmrun_image.py</c>.
/// </summary>
/// <param name="isPreparation">Makes an image if none holds, and ends there.</param>
/// <param name="spare">Where it waits with its image, before it looks at the project; one without an image ends.</param>
internal sealed class PythonDriver(string moduleHash, PythonImages images, bool isPreparation, SpareStart? spare = null) : IGuestDriver
{
    private const int MaxTextBytes = 64;

    /// <inheritdoc />
    public void Define(Linker linker)
    {
    }

    /// <inheritdoc />
    public int Run(DrivenGuest guest)
    {
        var memory = guest.Instance.GetMemory("memory") ?? throw new InvalidOperationException("the interpreter has no memory");
        var stack = guest.Instance.GetGlobal(PythonModule.StackPointer) ?? throw new InvalidOperationException("the interpreter shows no stack");
        var isUsual = ImageKey.Of(moduleHash, guest.Options.Arguments, guest.Options.Environment, guest.Options.Mounts) == images.Key;
        if (isPreparation)
        {
            var result = Prepare(guest, memory, stack, isUsual);

            // So that nobody has to wait for the compiler when one of their functions is called.
            foreach (var part in guest.Options.Far)
            {
                part.Load(guest.Network.Stop);
            }

            return result;
        }

        if (isUsual && images.TryRestore(guest.Files, memory) is { } image)
        {
            stack.SetValue(image.StackPointer);
            spare?.Wait(guest.Network.Stop, () => image.Notes.AreTrue(guest.Files) && guest.Options.Mounts.OfType<GuestMount.Host>().All(guest.Files.Shows));
            guest.Network.StartsListening = images.LacksPages ? () => Learn(guest.Network, memory) : null;
        }
        else if (spare is not null || RunToPause(guest) is not { } paused)
        {
            return 0;
        }
        else if (isUsual)
        {
            images.Keep(memory, (int)stack.GetValue()!, paused);
        }

        // As the interpreter does it with a file: an exception has been shown, and its exit code is 1.
        var ended = RunText(guest, memory, stack, "resume()");
        RunText(guest, memory, stack, ended == 0 ? "raise SystemExit" : "raise SystemExit(1)");
        return ended == 0 ? 0 : 1;
    }

    /// <inheritdoc />
    public void Interrupt(DrivenGuest guest)
    {
        if (guest.Instance.GetMemory("memory") is { } memory)
        {
            InterpreterSignals.Raise(memory);
        }
    }

    /// <summary>The first port tells it all: what comes after it is no part of a start.</summary>
    private void Learn(NetworkNamespace network, Memory memory)
    {
        network.StartsListening = null;
        images.Learn(memory);
    }

    private int Prepare(DrivenGuest guest, Memory memory, Global stack, bool isUsual)
    {
        if (!isUsual || images.Hold(guest.Files) || !images.BeginPreparation())
        {
            return 0;
        }

        try
        {
            if (RunToPause(guest) is { } paused)
            {
                images.Keep(memory, (int)stack.GetValue()!, paused);
            }

            return 0;
        }
        finally
        {
            images.EndPreparation();
        }
    }

    /// <summary>Runs the interpreter until it says by its exit code that it has come to where the project begins.</summary>
    /// <returns>What it said; null when it has ended.</returns>
    private static PausedGuest? RunToPause(DrivenGuest guest)
    {
        var descriptors = guest.Files.OpenDescriptors;
        try
        {
            guest.Instance.GetAction("_start")!();
            return null;
        }
        catch (WasmtimeException e) when (InstanceExit.CodeOf(e) is { } code && PausedGuest.Take(guest.Files, code, descriptors) is { } paused)
        {
            return paused;
        }
    }

    private static int RunText(DrivenGuest guest, Memory memory, Global stack, string text)
    {
        var top = ((int)stack.GetValue()! - MaxTextBytes) & ~15;
        var bytes = memory.GetSpan(top, MaxTextBytes);
        bytes.Clear();
        Encoding.ASCII.GetBytes(text, bytes[..^1]);
        stack.SetValue(top);
        var result = guest.Instance.GetFunction<int, int, int>(PythonModule.Run)!(top, 0);
        stack.SetValue(top + MaxTextBytes);
        return result;
    }
}
