namespace Wasmrun.Sandbox;

/// <summary>
/// One folder of the guest's file system and what stands behind it. The guest sees nothing of the host's file system
/// but its mounts, and no path or link leads out of them.
/// </summary>
/// <param name="GuestPath">Absolute path in the guest, "/" included.</param>
public abstract record GuestMount(string GuestPath)
{
    /// <summary>A folder or file of the host.</summary>
    /// <param name="HostPath">Absolute path on the host; it must exist when the instance starts.</param>
    /// <param name="ReadOnly">Whether nothing can be written: calls that would write answer EROFS.</param>
    public sealed record Host(string GuestPath, string HostPath, bool ReadOnly) : GuestMount(GuestPath);

    /// <summary>A file with a given content, which cannot be written.</summary>
    public sealed record Text(string GuestPath, ReadOnlyMemory<byte> Content) : GuestMount(GuestPath);

    /// <summary>A folder of the instance's own that is empty at its start and gone after its end.</summary>
    /// <param name="MaxBytes">How much it may hold in all; a write beyond answers ENOSPC.</param>
    public sealed record Temporary(string GuestPath, long MaxBytes) : GuestMount(GuestPath);

    /// <summary>A folder of files each of which is a function of the host: what is written to one are its arguments, what is read is its result.</summary>
    public sealed record Functions(string GuestPath, IReadOnlyDictionary<string, DeviceFunction> ByName) : GuestMount(GuestPath);
}
