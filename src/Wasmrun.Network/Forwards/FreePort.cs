using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Forwards;

/// <summary>Finds the port to propose instead of a taken one.</summary>
internal static class FreePort
{
    private const int FirstUnprivileged = 1024;

    /// <summary>The next port above the wanted one that can be bound on all the request's addresses.</summary>
    /// <param name="excluded">Ports that must not be proposed, free or not.</param>
    public static int? Above(HostPortRequest request, Errno error, IReadOnlySet<int> excluded)
    {
        // No other port helps where the address is what is wrong.
        if (error is Errno.EADDRNOTAVAIL or Errno.EAFNOSUPPORT)
        {
            return null;
        }

        var first = error == Errno.EACCES ? Math.Max(request.HostPort + 1, FirstUnprivileged) : request.HostPort + 1;
        for (var port = first; port <= ushort.MaxValue; port++)
        {
            if (!excluded.Contains(port) && IsFree(request, port))
            {
                return port;
            }
        }

        return null;
    }

    private static bool IsFree(HostPortRequest request, int port)
    {
        foreach (var address in request.Addresses)
        {
            var error = HostListener.TryBind(address, port, request.Protocol, out var listener);
            listener?.Dispose();
            if (error is not (Errno.None or Errno.EADDRNOTAVAIL or Errno.EAFNOSUPPORT))
            {
                return false;
            }
        }

        return true;
    }
}
