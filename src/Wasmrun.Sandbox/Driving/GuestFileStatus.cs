namespace Wasmrun.Sandbox;

/// <summary>What is known of a file of a guest. Times are nanoseconds since 1970.</summary>
public readonly record struct GuestFileStatus(
    GuestFileKind Kind, ulong Device, ulong Inode, ulong Links, ulong Size, ulong AccessTime, ulong ModifyTime, ulong ChangeTime);

/// <summary>One entry of a folder of a guest.</summary>
public readonly record struct GuestFolderEntry(string Name, GuestFileKind Kind);

/// <summary>What a file of a guest is.</summary>
public enum GuestFileKind
{
    Other,
    File,
    Folder,
    Link,
}
