using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>One thing that happened, laid out as preview 1's <c>event</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct PollEvent
{
    private const ushort HangUpFlag = 1;

    [FieldOffset(0)]
    public ulong UserData;

    [FieldOffset(8)]
    public WasiErrno Error;

    [FieldOffset(10)]
    public SubscriptionType Type;

    [FieldOffset(16)]
    public ulong Bytes;

    [FieldOffset(24)]
    public ushort Flags;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PollEvent Of(in Subscription subscription, Readiness readiness) =>
        readiness.Error == Errno.None ? Happened(subscription, readiness) : Failed(subscription, readiness.Error.ToWasi());

    public static PollEvent Failed(in Subscription subscription, WasiErrno error) =>
        new() { UserData = subscription.UserData, Type = subscription.Type, Error = error };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PollEvent Happened(in Subscription subscription, Readiness readiness) => new()
    {
        UserData = subscription.UserData,
        Type = subscription.Type,
        Bytes = readiness.Bytes,
        Flags = (readiness.Events & PollEvents.HangUp) != PollEvents.None ? HangUpFlag : (ushort)0,
    };
}
