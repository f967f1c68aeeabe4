using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wasmtime;

namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// Everything that decides how guests are compiled, in one place: the configuration of the engine and the fingerprint
/// under which compiled code is kept come from the same values, so that neither can change without the other.
/// </summary>
/// <remarks>
/// Threads stay off because waiting on a shared memory cannot be interrupted, and because a store's limits do not cover
/// one; several memories and 64-bit ones because the memory limit counts for each memory alone. A memory never moves: the
/// address space that it can grow to is reserved from its start.
/// </remarks>
internal static partial class EngineSettings
{
    /// <summary>
    /// Stack of guest code in bytes: what an interpreter inside a guest needs to report its own stack overflow. It sees only the stack that it
    /// keeps in memory, and uses up to thirty times as much of this one meanwhile.
    /// </summary>
    public const int GuestStackBytes = 16 << 20;

    /// <summary>
    /// Stack of a guest's thread in bytes: host functions run on top of a guest that may have used up all of its own share.
    /// It is reserved, not used: only touched pages count.
    /// </summary>
    public const int ThreadStackBytes = 24 << 20;

    private const OptimizationLevel Optimization = OptimizationLevel.Speed;

    /// <summary>Differs whenever code compiled by one engine must not run in the other.</summary>
    /// <param name="interruption">As for <see cref="CreateEngine"/>.</param>
    public static string Fingerprint(Interruption interruption) => string.Join(
        ';',
        EngineVersion,
        RuntimeInformation.RuntimeIdentifier,
        RuntimeInformation.ProcessArchitecture,
        $"{(interruption == Interruption.ByEpoch ? "epoch" : "stop flag")},{Optimization},stack={GuestStackBytes},one 32-bit memory in place,no threads");

    private static string EngineVersion { get; } =
        typeof(Config).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? typeof(Config).Assembly.GetName().Version!.ToString();

    /// <summary>An engine for guests, or for compiling what another one will run.</summary>
    /// <param name="interruption">How its guests are interrupted while they compute.</param>
    /// <param name="isParallel">Whether its compiler uses all processors.</param>
    public static Wasmtime.Engine CreateEngine(Interruption interruption = Interruption.ByEpoch, bool isParallel = true)
    {
        var config = new Config()
            .WithEpochInterruption(interruption == Interruption.ByEpoch)
            .WithOptimizationLevel(Optimization)
            .WithMaximumStackSize(GuestStackBytes)
            .WithWasmThreads(false)
            .WithMemory64(false)
            .WithMultiMemory(false)
            .WithMemoryMayMove(false);

        // The engine takes no stack that is larger than that of asynchronous calls, of which there are none here. Its library for .NET can say neither.
        var handle = ((SafeHandle)HandleOf(config)).DangerousGetHandle();
        SetAsyncStackSize(handle, GuestStackBytes);
        SetParallelCompilation(handle, isParallel);
        return new(config);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_NativeHandle")]
    [return: UnsafeAccessorType("Wasmtime.Config+Handle, Wasmtime.Dotnet")]
    private static extern object HandleOf(Config config);

    [LibraryImport("wasmtime", EntryPoint = "wasmtime_config_parallel_compilation_set")]
    private static partial void SetParallelCompilation(nint config, [MarshalAs(UnmanagedType.I1)] bool isParallel);

    [LibraryImport("wasmtime", EntryPoint = "wasmtime_config_async_stack_size_set")]
    private static partial void SetAsyncStackSize(nint config, ulong bytes);
}
