using Wasmrun.Network;
using Wasmtime;

namespace Wasmrun.Sandbox;

/// <summary>What a driver works with: the instance of its module, and everything the guest may see or reach.</summary>
/// <param name="Store">Freed after <see cref="IGuestDriver.Run"/> has returned.</param>
/// <param name="Files">The guest's file system, through its mounts alone.</param>
/// <param name="UnrepeatableCalls">How often the module has asked the system for what is never the same twice: the time, and random numbers.</param>
/// <param name="LookUp">Ends the guest by an exception when it is to stop, and holds it to its limits. It is called for modules of <see cref="StopFlag"/> by their drivers, for all others by the engine.</param>
/// <param name="Output">Held to the instance's rate.</param>
public sealed record DrivenGuest(
    Store Store,
    Instance Instance,
    InstanceOptions Options,
    NetworkNamespace Network,
    GuestFiles Files,
    IGuestOutput Output,
    TimeProvider Time,
    Func<long> UnrepeatableCalls,
    Action LookUp);
