using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <content>What can be had without waiting.</content>
public sealed unsafe partial class VirtualSocket
{
    /// <summary>How many bytes a receive would give now; null for a socket that is not one stream of them.</summary>
    public int? Available
    {
        get
        {
            var bytes = 0;
            return _listener is not null || _datagrams is not null ? null
                : _descriptor != None && Libc.Control(_descriptor, Libc.QueryReadable, &bytes) == 0 ? bytes
                : 0;
        }
    }
}
