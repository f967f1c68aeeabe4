using System.Net;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Forwards;

/// <summary>A host port that could not be had, with what the user needs to know to find a way out.</summary>
/// <param name="Address">The first of the request's addresses that failed.</param>
/// <param name="Error"><see cref="Errno.EADDRINUSE"/>, or <see cref="Errno.EACCES"/> for a port that needs privileges, or what else the system said.</param>
/// <param name="Holder">Who has the port; null when that is not known or may not be seen.</param>
/// <param name="FreeAlternative">A port that was free on all the request's addresses a moment ago; null when there is none.</param>
public sealed record HostPortConflict(HostPortRequest Request, IPAddress Address, Errno Error, PortHolder? Holder, int? FreeAlternative);

/// <summary>Who has a host port.</summary>
/// <param name="Pid">The process; null where it is another user's, whose processes are not shown.</param>
/// <param name="Program">Its program, or in words whose one it is.</param>
/// <param name="Owner">The service of the same request list that got the port first; null for everyone else.</param>
public sealed record PortHolder(int? Pid, string Program, string? Owner);
