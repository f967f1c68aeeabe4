namespace Wasmrun.Sandbox.Wasi;

/// <summary>The clocks of preview 1, with its numbers, which are Linux's too.</summary>
internal enum ClockId : uint
{
    Realtime = 0,
    Monotonic = 1,
    ProcessCpuTime = 2,
    ThreadCpuTime = 3,
}
