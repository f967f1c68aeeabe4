using System.Net.NetworkInformation;
using Wasmrun.Network.Addresses;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// The addresses of this machine: no guest is to see them, and none of them is "outside". They change while the program
/// runs (networks come and go), so they are asked again from time to time.
/// </summary>
internal sealed class HostAddresses(TimeProvider time)
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(5);

    private Snapshot? _snapshot;

    public bool Contains(InetAddress address)
    {
        address = address.Unmapped();
        if (address.IsLoopback || address.IsAny)
        {
            return true;
        }

        var snapshot = _snapshot;
        if (snapshot is null || time.GetElapsedTime(snapshot.Taken) > _lifetime)
        {
            _snapshot = snapshot = new(time.GetTimestamp(), Read());
        }

        return snapshot.Addresses.Contains(address);
    }

    private static HashSet<InetAddress> Read() =>
        [.. NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(unicast => InetAddress.From(unicast.Address))];

    private sealed record Snapshot(long Taken, HashSet<InetAddress> Addresses);
}
