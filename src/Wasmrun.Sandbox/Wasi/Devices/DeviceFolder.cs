using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>A folder of the device tree.</summary>
internal abstract class DeviceFolder(DeviceFolder? parent, string name) : DeviceNode(parent, name, FileType.Directory)
{
    /// <summary>What is listed; more may be found than is listed.</summary>
    public abstract IReadOnlyList<DeviceNode> Entries { get; }

    /// <summary>Finds a place by its name, which is neither of the two dots; null when there is none.</summary>
    public abstract DeviceNode? Find(ReadOnlySpan<byte> name);

    public override Errno Open(in OpenRequest request, out Descriptor? opened)
    {
        opened = null;
        if (request.CouldWrite && !request.WantsDirectory)
        {
            return Errno.EISDIR;
        }

        opened = new DeviceDirectory(this, request.Rights, request.Inheriting, request.Flags);
        return Errno.None;
    }
}
