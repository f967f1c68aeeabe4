using System.Runtime.CompilerServices;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// Space on the stack for the places in the tree of the folders that one walk has entered. Each walk has its own: a call with two paths walks the
/// second one before it is done with the first.
/// </summary>
[InlineArray(FolderStack.MaxDepth)]
internal struct WalkedPlaces
{
    private MountNode? _first;
}
