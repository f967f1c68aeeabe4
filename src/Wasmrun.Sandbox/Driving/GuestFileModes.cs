namespace Wasmrun.Sandbox;

/// <summary>How a driver opens a file of its guest.</summary>
[Flags]
public enum GuestFileModes
{
    None = 0,
    Read = 1 << 0,
    Write = 1 << 1,
    Create = 1 << 2,

    /// <summary>Fails when the file is there already.</summary>
    Exclusive = 1 << 3,
    Truncate = 1 << 4,
    Append = 1 << 5,
    Directory = 1 << 6,
}
