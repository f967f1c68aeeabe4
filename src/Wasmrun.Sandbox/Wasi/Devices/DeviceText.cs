using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>Tells what a text device shows at the moment when it is opened.</summary>
internal delegate Errno DeviceTextSource(out string text);

/// <summary>Devices that are read like a file, and cannot be written.</summary>
internal static class DeviceText
{
    public static DeviceFile Of(DeviceFolder parent, string name, DeviceTextSource source) =>
        new(parent, name, FileType.RegularFile, (in OpenRequest request, out Descriptor? opened) =>
        {
            opened = null;
            if (request.CouldWrite)
            {
                return Errno.EACCES;
            }

            var error = source(out var text);
            if (error == Errno.None)
            {
                opened = new TextDescriptor(Encoding.UTF8.GetBytes(text), request.Rights, request.Flags);
            }

            return error;
        });
}
