using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// What a path in a folder with mounts below it leads to: a name in an open folder of the same mount, or a path in a mount below.
/// It is good as long as the walk that has found it.
/// </summary>
/// <param name="directory">Where the path is to be used. It is not the caller's to close.</param>
/// <param name="path">In the same mount one name that is no link to be followed, or "." for the folder itself.</param>
/// <param name="folder">The open folder, in the same mount; negative elsewhere.</param>
/// <param name="node">The folder's own place, where it has one.</param>
/// <param name="isNamed">Whether "." stands for the folder's name, by which the path has asked for it.</param>
internal readonly ref struct CoveredPlace(
    DirectoryDescriptor directory, ReadOnlySpan<byte> path, int folder = -1, MountNode? node = null, bool isNamed = false)
{
    public DirectoryDescriptor Directory { get; } = directory;

    public ReadOnlySpan<byte> Path { get; } = path;

    public int Folder { get; } = folder;

    public MountNode? Node { get; } = node;

    public bool IsNamed { get; } = isNamed;
}
