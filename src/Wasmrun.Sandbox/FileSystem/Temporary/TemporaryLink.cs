using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem.Temporary;

/// <summary>A symbolic link of a temporary file system. Its target counts against the bound on bytes, which the maker has taken it from.</summary>
internal sealed class TemporaryLink(TemporaryFileSystem owner, byte[] target) : TemporaryNode(owner, FileType.SymbolicLink)
{
    public ReadOnlySpan<byte> Target => target;

    public override ulong Size => (ulong)target.Length;

    protected override void ReleaseIfUnused()
    {
        if (Links == 0)
        {
            Owner.GiveBytes(target.Length);
        }
    }
}
