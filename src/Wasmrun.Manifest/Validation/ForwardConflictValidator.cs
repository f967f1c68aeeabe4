using System.Net;
using System.Net.Sockets;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Validation;

/// <summary>
/// Finds forwards of one stack that want the same host port: same protocol, same port, and addresses of which one is the
/// other or stands for all of its family. The system would only say so when the second is bound.
/// </summary>
internal sealed class ForwardConflictValidator(DiagnosticBag diagnostics)
{
    private readonly Dictionary<(TransportProtocol Protocol, int Port, IPAddress Address), Claim> _byAddress = [];
    private readonly Dictionary<(TransportProtocol Protocol, int Port, AddressFamily Family), Claim> _firstOfFamily = [];
    private readonly HashSet<(SourceLocation Second, SourceLocation First)> _reported = [];

    public void Validate(IEnumerable<ServiceSpec> services)
    {
        foreach (var service in services)
        {
            Validate($"service '{service.Name}'", service.Forwards);
        }
    }

    /// <summary>Checks the forwards of one owner against all before.</summary>
    /// <param name="owner">Who wants the forwards, in the words of a message.</param>
    public void Validate(string owner, IReadOnlyList<ForwardSpec> forwards)
    {
        foreach (var forward in forwards)
        {
            Check(new Claim(owner, forward));
        }
    }

    private void Check(Claim claim)
    {
        if (claim.Forward.HostPort is not { } port)
        {
            return;
        }

        foreach (var address in claim.Forward.Addresses)
        {
            var protocol = claim.Forward.Protocol;
            if (Holder(protocol, port, address) is { } holder && !ReferenceEquals(holder.Forward, claim.Forward))
            {
                Report(claim, holder, port);
            }

            _byAddress.TryAdd((protocol, port, address), claim);
            _firstOfFamily.TryAdd((protocol, port, address.AddressFamily), claim);
        }
    }

    private Claim? Holder(TransportProtocol protocol, int port, IPAddress address)
    {
        var all = address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        return address.Equals(all)
            ? _firstOfFamily.GetValueOrDefault((protocol, port, address.AddressFamily))
            : _byAddress.GetValueOrDefault((protocol, port, address)) ?? _byAddress.GetValueOrDefault((protocol, port, all));
    }

    private void Report(Claim claim, Claim holder, int port)
    {
        // Two ranges that overlap, or two loopback addresses, are one mistake.
        if (_reported.Add((claim.Forward.Location, holder.Forward.Location)))
        {
            var protocol = claim.Forward.Protocol == TransportProtocol.Tcp ? "tcp" : "udp";
            var taker = holder.Owner == claim.Owner ? "another of its forwards" : holder.Owner;
            var remedy = claim.Forward.Location == holder.Forward.Location
                ? "both have it from the same line; replace it in one of them with 'forwards: !override [...]'"
                : "choose another, or write 'auto' to have one chosen";
            diagnostics.Report(
                ManifestDiagnostics.HostPortTakenTwice,
                claim.Forward.Location,
                $"{claim.Owner} wants the host port {port}/{protocol}, which {taker} already takes ({holder.Forward.Location}); {remedy}");
        }
    }

    private sealed record Claim(string Owner, ForwardSpec Forward);
}
