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
    private readonly RecentMap<InetAddress, Resolved> _resolved = new(RememberedAddresses);
    private readonly HashSet<string> _denied = new(StringComparer.OrdinalIgnoreCase);

    private IReadOnlyList<EgressRule> Rules => service.Options.EgressDenied ? [] : service.Options.Egress;

    /// <summary>Whether the guest may send to this address.</summary>
    /// <returns><see cref="Errno.EACCES"/> when not.</returns>
    public Errno Check(RouteKind kind, InetEndPoint remote)
    {
        if (kind == RouteKind.Host)
        {
            return Rules.Any(rule => rule.IsExactly(NameTable.HostAlias, remote.Port)) ? Errno.None : Deny(WithPort(NameTable.HostAlias, remote.Port));
        }

        var address = remote.Address.Unmapped();
        if (Rules.Any(rule => rule.AllowsAddress(address, remote.Port)))
        {
            return Errno.None;
        }

        // A name whose address is an inner one is not helped by listing the name.
        var isOutside = IsOutside(address);
        var resolved = isOutside ? Find(address) : default;
        return isOutside && Rules.Where(rule => rule.IsEverythingPublic).Concat(resolved.Rules ?? []).Any(rule => rule.AllowsPort(remote.Port))
            ? Errno.None
            : Deny(WithPort(resolved.Name ?? address.ToString(), remote.Port));
    }

    /// <summary>Resolves a name of the outside that a rule covers; others are not asked for, because a lookup carries data out.</summary>
    /// <param name="name">Without a final dot.</param>
    /// <param name="port">The port that is going to be connected to, as far as that is known; 0 otherwise. It is for what a denial advises.</param>
    /// <returns>
    /// <see cref="Errno.EACCES"/> when the name may not be asked for, or when it leads to nothing that may be reached;
    /// <see cref="Errno.ENOENT"/> when nobody has it; <see cref="Errno.EAGAIN"/> when the resolver does not answer.
    /// </returns>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public Errno Resolve(string name, int port, StopSignal stop, out IReadOnlyList<InetAddress> addresses)
    {
        addresses = [];
        if (!HostName.IsValid(name))
        {
            return Errno.ENOENT;
        }

        EgressRule[] covering = [.. Rules.Where(rule => rule.MentionsName(name))];
        if (covering.Length == 0 && !Rules.Any(rule => rule.IsEveryAddress))
        {
            // A name without a dot is one of the stack's, mistyped: the outside is not asked for it.
            return name.Contains('.', StringComparison.Ordinal) ? Deny(Wanted(name, port)) : Errno.ENOENT;
        }

        var error = NameQuery.Resolve(service.Stack.Resolver, name, stop, out var found);
        if (error != Errno.None)
        {
            return error;
        }

        addresses = [.. found.Where(address => Rules.Any(rule => rule.AllowsAddress(address)) || (covering.Length > 0 && IsOutside(address)))];
        Remember(addresses, name, covering);
        return addresses.Count > 0 ? Errno.None : DenyInner(name, found[0], port);
    }

    private static string WithPort(string host, int port) => host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{host}]:{port}")
        : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");

    /// <summary>Whether an address is nobody's inner one, and not the host's own.</summary>
    private bool IsOutside(InetAddress address) => AddressScope.IsPublic(address) && !service.Stack.HostAddresses.Contains(address);

    private Resolved Find(InetAddress address)
    {
        lock (_gate)
        {
            return _resolved.TryGet(address, out var resolved) ? resolved : default;
        }
    }

    /// <summary>Takes note of the rules by which addresses may be reached. Several names may lead to one, each with ports of its own.</summary>
    private void Remember(IReadOnlyList<InetAddress> addresses, string name, EgressRule[] covering)
    {
        lock (_gate)
        {
            foreach (var address in addresses)
            {
                var known = _resolved.TryGet(address, out var resolved) ? resolved.Rules : [];
                _resolved.Set(address, new(name, [.. known.Union(covering)]));
            }
        }
    }

    private static string Wanted(string host, int port) => port == 0 ? host : WithPort(host, port);

    private Errno DenyInner(string name, InetAddress address, int port) => address.IsLoopback || address.IsAny
        ? Deny(Wanted(NameTable.HostAlias, port), $"{name} ({address})", $"in a guest that is the guest itself; to reach the host's own loopback, connect to {NameTable.HostAlias} and add")
        : Deny(Wanted(address.ToString(), port), $"{name} ({address})", "it is not public, so it has to be listed as an address; to allow it, add");

    private Errno Deny(string destination) => Deny(destination, destination, "to allow it, add");

    /// <summary>Tells of a destination once.</summary>
    /// <param name="rule">What would have to be listed.</param>
    private Errno Deny(string rule, string destination, string advice)
    {
        lock (_gate)
        {
            // A guest that tries every port there is must not fill the log with it.
            if (_denied.Count >= MostDenialsTold || !_denied.Add(destination))
            {
                return Errno.EACCES;
            }
        }

        service.Stack.Observer.EgressDenied(service, service.Options.EgressDenied ? Enclosed(rule, destination) : Listed(rule, destination, advice));
        return Errno.EACCES;
    }

    private EgressDenial Listed(string rule, string destination, string advice)
    {
        var line = $"egress: [{string.Join(", ", service.Options.Egress.Select(known => known.Text).Append(rule).Select(text => $"\"{text}\""))}]";
        return new(destination, $"{advice} to the service: {line}", line);
    }

    private static EgressDenial Enclosed(string rule, string destination) => new(
        destination,
        $"the service has internal networks only; to allow it, put the service on one that is not internal, with egress: [\"{rule}\"]",
        LineToAdd: null);

    /// <summary>What names have led to an address.</summary>
    /// <param name="Name">The last of them.</param>
    /// <param name="Rules">All by which it may be reached.</param>
    private readonly record struct Resolved(string Name, EgressRule[] Rules);
}
