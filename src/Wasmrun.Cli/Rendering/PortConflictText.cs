using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Cli.Rendering;

/// <summary>A host port that is taken, as a diagnostic with its place in the manifest, and the line that would help.</summary>
internal sealed record PortConflictText(Diagnostic Diagnostic, string Remedy)
{
    /// <summary>One text per forward: that it is taken on more than one address is one thing to the user.</summary>
    internal static IEnumerable<PortConflictText> Of(IEnumerable<PortConflict> conflicts, StackSpec? stack) =>
        conflicts
            .GroupBy(conflict => (conflict.Service, conflict.Location, conflict.Port, conflict.Protocol))
            .Select(group => Describe([.. group], stack));

    private static PortConflictText Describe(IReadOnlyList<PortConflict> conflicts, StackSpec? stack)
    {
        var first = conflicts.FirstOrDefault(conflict => conflict.HolderPid is not null) ?? conflicts[0];
        var protocol = first.Protocol == TransportProtocol.Udp ? "/udp" : string.Empty;
        var places = string.Join(" and ", conflicts.Select(conflict => new IPEndPoint(conflict.Address, conflict.Port)));
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"service '{first.Service}' wants host port {first.Port}{protocol}, but {places} cannot be bound: {first.Error}{Holder(first)}");
        return new PortConflictText(
            new Diagnostic("WR2001", DiagnosticSeverity.Error, first.Location, message), WayOut(first, protocol, stack));
    }

    private static string Holder(PortConflict conflict) => conflict switch
    {
        { HolderPid: { } pid, HolderProgram: { } program } => string.Create(CultureInfo.InvariantCulture, $"; held by {program} (pid {pid})"),
        { HolderPid: { } pid } => string.Create(CultureInfo.InvariantCulture, $"; held by the process with pid {pid}"),
        { HolderProgram: { } program } => $"; held by {program}",
        _ => string.Empty,
    };

    private static string WayOut(PortConflict conflict, string protocol, StackSpec? stack)
    {
        if (conflict.IsAddressMissing)
        {
            return "write an address of this machine, or leave it out for localhost";
        }

        var forward = stack?.Services
            .FirstOrDefault(service => string.Equals(service.Name, conflict.Service, StringComparison.Ordinal))?.Forwards
            .FirstOrDefault(forward => forward.HostPort == conflict.Port && forward.Protocol == conflict.Protocol);
        if (forward is null)
        {
            return conflict.FreeAlternative is { } port
                ? string.Create(CultureInfo.InvariantCulture, $"port {port} is free")
                : "stop what holds it, or choose another port";
        }

        var address = Address(forward);
        return conflict.FreeAlternative is { } free
            ? string.Create(CultureInfo.InvariantCulture, $"port {free} is free: write \"{address}{free}:{forward.GuestPort}{protocol}\"")
            : string.Create(CultureInfo.InvariantCulture, $"let the runner choose: write \"{address}auto:{forward.GuestPort}{protocol}\"");
    }

    /// <summary>Written only where it was: the loopback addresses are what a forward has without one.</summary>
    private static string Address(ForwardSpec forward) => forward.Addresses switch
    {
        [var only] when only.AddressFamily == AddressFamily.InterNetworkV6 => $"[{only}]:",
        [var only] => $"{only}:",
        _ => string.Empty,
    };
}
