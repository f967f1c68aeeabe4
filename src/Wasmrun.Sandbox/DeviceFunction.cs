using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox;

/// <summary>Work that the host does for a guest which asks for it through a file. It runs on the guest's thread.</summary>
/// <param name="arguments">What the guest has written: anything at all.</param>
/// <param name="memoryBytes">How much memory the work may take, which is what the guest itself may have.</param>
/// <param name="stop">To be looked at while the work lasts.</param>
/// <param name="result">What the guest reads next.</param>
/// <returns>What the guest's write answers.</returns>
/// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
public delegate Errno DeviceFunction(ReadOnlySpan<byte> arguments, long memoryBytes, StopSignal stop, out byte[] result);
