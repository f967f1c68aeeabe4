using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>Opens a device; the descriptor belongs to the caller.</summary>
internal delegate Errno DeviceOpener(in OpenRequest request, out Descriptor? opened);

/// <summary>A device: a place in the tree that is opened to get something that was not there before.</summary>
internal sealed class DeviceFile(DeviceFolder parent, string name, FileType type, DeviceOpener opener) : DeviceNode(parent, name, type)
{
    public override Errno Open(in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        return request.WantsDirectory ? Errno.ENOTDIR
            : request.Creates && request.Exclusive ? Errno.EEXIST
            : opener(request, out opened);
    }
}
