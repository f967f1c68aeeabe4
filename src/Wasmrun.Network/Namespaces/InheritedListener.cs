using System.Globalization;

namespace Wasmrun.Network.Namespaces;

/// <summary>A ready-made listening socket of a guest.</summary>
public sealed record InheritedListener(Sockets.VirtualSocket Socket, int Port)
{
    /// <summary>Its name in <c>LISTEN_FDNAMES</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"tcp-{Port}");
}
