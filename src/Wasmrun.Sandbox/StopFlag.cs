namespace Wasmrun.Sandbox;

/// <summary>
/// A place in the memory of guests whose modules look by themselves whether they are to stop: an interpreter, which calls its driver now and then
/// anyway, runs a seventh faster than with the looks that the compiler puts into every function. Such a module reads it in every round of every loop
/// and traps when it is not zero, so that what it does in its own code ends as fast as that of any guest; and its driver calls
/// <see cref="DrivenGuest.LookUp"/> as often as it is called.
/// </summary>
/// <remarks>
/// A guest that has broken out of its interpreter into the module's memory could clear it. It is set again every ten milliseconds until the guest has ended.
/// </remarks>
public static class StopFlag
{
    /// <summary>Where the 32 bits are that are not zero when the guest is to stop: below all that compilers of WebAssembly put there.</summary>
    public const uint Address = 1020;
}
