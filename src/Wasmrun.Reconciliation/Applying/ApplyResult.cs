using System.Net;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning;

namespace Wasmrun.Reconciliation.Applying;

/// <summary>What became of a wish. Unless it is <see cref="Applied"/>, nothing was touched and the former wish stands.</summary>
public abstract record ApplyResult
{
    /// <summary>The plan was carried out, except for <paramref name="Failures"/>, which others may have outlived.</summary>
    /// <param name="Plan">What was to be done; empty when nothing had changed.</param>
    public sealed record Applied(StackPlan Plan, IReadOnlyList<ServiceFailure> Failures) : ApplyResult
    {
        public bool Succeeded => Failures.Count == 0;
    }

    /// <summary>Host ports are taken: every one that is, not only the first. Exit code 19.</summary>
    public sealed record PortsTaken(IReadOnlyList<PortConflict> Conflicts) : ApplyResult;

    /// <summary>Modules that cannot be loaded: every one. Exit code 1.</summary>
    public sealed record ModulesUnusable(IReadOnlyList<ModuleFailure> Failures) : ApplyResult;

    /// <summary>Names that no service of the stack has. Exit code 1.</summary>
    /// <param name="Known">The services that there are.</param>
    public sealed record UnknownServices(IReadOnlyList<string> Names, IReadOnlyList<string> Known) : ApplyResult;

    /// <summary>What was asked for cannot be; each complaint says why and what to do. Exit code 1.</summary>
    public sealed record Refused(IReadOnlyList<string> Complaints) : ApplyResult;

    /// <summary>Another command has overruled this one, or the runner ended, before the wish was fulfilled.</summary>
    public sealed record Abandoned(string Reason) : ApplyResult;
}

/// <summary>A host port that somebody else holds.</summary>
/// <param name="Location">Where the manifest asks for the port.</param>
/// <param name="Error">What the system said, as a short text: <c>address already in use</c>.</param>
/// <param name="HolderPid">The process that holds it, where the system tells.</param>
/// <param name="HolderProgram">The program of that process or, without one, in words whose it is.</param>
/// <param name="FreeAlternative">A port near by that was free a moment ago.</param>
public sealed record PortConflict(
    string Service,
    SourceLocation Location,
    IPAddress Address,
    int Port,
    TransportProtocol Protocol,
    string Error,
    int? HolderPid,
    string? HolderProgram,
    int? FreeAlternative)
{
    /// <summary>The service of the same stack that holds the port, such as one that the manifest no longer declares.</summary>
    public string? HolderService { get; init; }

    /// <summary>Whether it is the address that cannot be had, with whatever port.</summary>
    public bool IsAddressMissing { get; init; }
}

/// <summary>A module that cannot be loaded, with a message that says why and what to do.</summary>
public sealed record ModuleFailure(string Service, SourceLocation Location, string Module, string Message);

/// <summary>A service that did not get where it should.</summary>
/// <param name="LastLines">The last lines of its log, oldest first.</param>
public sealed record ServiceFailure(string Service, string Reason, int? ExitCode, IReadOnlyList<string> LastLines);
