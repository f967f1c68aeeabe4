using System.Net;

namespace Wasmrun.Network.Egress;

/// <summary>Resolves names of the outside; the seam to the system's resolver.</summary>
internal interface INameResolver
{
    /// <summary>The addresses of a name; none when nobody has it. Returns at once.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The name cannot be resolved at the moment.</exception>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken token);
}
