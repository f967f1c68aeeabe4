using System.Globalization;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Probing;

/// <summary>Whether the guest takes connections at a port.</summary>
internal sealed class TcpProbe(IInstance instance, int port) : IProbe
{
    public async Task<string?> AskAsync(CancellationToken token)
    {
        if (instance.TryConnect(port) is not { } connection)
        {
            return string.Create(CultureInfo.InvariantCulture, $"nothing listens on port {port}");
        }

        await connection.DisposeAsync();
        return null;
    }
}
