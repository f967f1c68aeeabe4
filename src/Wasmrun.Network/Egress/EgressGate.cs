using System.Globalization;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Namespaces;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Network.Egress;

/// <summary>
/// Decides what a service may reach outside its stack: nothing, unless its rules name it. The decision falls on the address that
/// is connected to, so that a name is worth no more than what it resolves to. A denial is told once, with the remedy.
/// </summary>
internal sealed class EgressGate(ServiceNetwork service)
{
    private const int RememberedAddresses = 4096;
    private const int MostDenialsTold = 1024;

    private readonly Lock _gate = new();
    private readonly RecentMap<InetAddress, string> _names = new(RememberedAddresses);
    private readonly HashSet<string> _denied = new(StringComparer.OrdinalIgnoreCase);

    private IReadOnlyList<EgressRule> Rules => service.Options.EgressDenied ? [] : service.Options.Egress;

    /// <summary>Whether the guest may send to this address.</summary>
    /// <returns><see cref="Errno.EACCES"/> when not.</returns>
    public Errno Check(RouteKind kind, InetEndPoint remote)
    {
        var name = kind == RouteKind.Host ? NameTable.HostName : NameOf(remote.Address);
        var allowed = kind == RouteKind.Host
            ? Rules.Any(rule => rule.IsExactly(NameTable.HostName, remote.Port))
            : Allows(remote, name);
        return allowed ? Errno.None : Deny(remote.Address, name, remote.Port);
    }

    /// <summary>Resolves a name of the outside, if the rules give a reason to.</summary>
    /// <returns>
    /// <see cref="Errno.EACCES"/> when the name may not be asked for, or when it leads to nothing that may be reached;
    /// <see cref="Errno.ENOENT"/> when nobody has it; <see cref="Errno.EAGAIN"/> when the resolver does not answer.
    /// </returns>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public Errno Resolve(string name, StopSignal stop, out IReadOnlyList<InetAddress> addresses)
    {
        addresses = [];
        var named = Rules.Any(rule => rule.MentionsName(name));
        if (!named && !Rules.Any(rule => rule.IsBlock))
        {
            // A name without a dot is one of the stack's, mistyped: the outside is not asked for it.
            return name.Contains('.', StringComparison.Ordinal) ? Deny(null, name, port: 0) : Errno.ENOENT;
        }

        var error = NameQuery.Resolve(service.Stack.Resolver, name, stop, out var found);
        if (error != Errno.None)
        {
            return error;
        }

        addresses = [.. found.Where(address => Rules.Any(rule => rule.AllowsAddress(address)) || (named && IsOutside(address)))];
        lock (_gate)
        {
            foreach (var address in addresses)
            {
                _names.Set(address, name);
            }
        }

        return addresses.Count > 0 ? Errno.None : Deny(found[0], null, port: 0);
    }

    private bool Allows(InetEndPoint remote, string? name) =>
        Rules.Any(rule => rule.AllowsAddress(remote.Address, remote.Port))
        || (IsOutside(remote.Address) && Rules.Any(rule => rule.AllowsName(name ?? "", remote.Port)));

    /// <summary>Whether an address is nobody's inner one, and not the host's own.</summary>
    private bool IsOutside(InetAddress address) => AddressScope.IsPublic(address) && !service.Stack.HostAddresses.Contains(address);

    private string? NameOf(InetAddress address)
    {
        lock (_gate)
        {
            return _names.TryGet(address, out var name) ? name : null;
        }
    }

    private Errno Deny(InetAddress? address, string? name, int port)
    {
        // A name whose address is an inner one is not helped by listing the name.
        var host = name is not null && (address is not { } known || name == NameTable.HostName || IsOutside(known))
            ? name
            : address!.Value.ToString();
        var rule = port == 0 ? host
            : host.Contains(':', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"[{host}]:{port}")
            : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
        lock (_gate)
        {
            // A guest that tries every port there is must not fill the log with it.
            if (_denied.Count >= MostDenialsTold || !_denied.Add(rule))
            {
                return Errno.EACCES;
            }
        }

        service.Stack.Observer.EgressDenied(service, rule, LineToAdd(rule));
        return Errno.EACCES;
    }

    private string LineToAdd(string rule) => service.Options.EgressDenied
        ? $"networks: {{ {service.Options.Networks.FirstOrDefault(ServiceNetworkOptions.DefaultNetwork)}: {{ internal: false }} }}"
        : $"egress: [{string.Join(", ", service.Options.Egress.Select(known => known.Text).Append(rule).Select(text => $"\"{text}\""))}]";
}
