using System.Net.Sockets;

namespace Wasmrun.Network.Local;

/// <summary>
/// The client's end of a Unix domain socket on this machine, as a plain stream: what the control client stands on, so that no
/// project beside this one handles sockets. Guests never see it.
/// </summary>
public static class LocalSocket
{
    /// <summary>The longest path of a socket in bytes that every supported system takes (macOS has the shortest).</summary>
    public const int MaxPathBytes = 103;

    /// <summary>Connects to the socket at <paramref name="path"/>.</summary>
    /// <exception cref="SocketException">Nothing is there (<see cref="SocketError.AddressNotAvailable"/>) or nobody listens any more
    /// (<see cref="SocketError.ConnectionRefused"/>).</exception>
    public static async Task<Stream> ConnectAsync(string path, CancellationToken token)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
