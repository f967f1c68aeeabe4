using System.Text.Json.Serialization;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Control.Api;

/// <summary>
/// What became of a wish, in a form that travels: the answer of every request that changes a stack. Unless it is
/// <see cref="Applied"/>, nothing was touched.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Applied), "applied")]
[JsonDerivedType(typeof(ManifestInvalid), "manifestInvalid")]
[JsonDerivedType(typeof(PortsTaken), "portsTaken")]
[JsonDerivedType(typeof(ModulesUnusable), "modulesUnusable")]
[JsonDerivedType(typeof(UnknownServices), "unknownServices")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Abandoned), "abandoned")]
[JsonDerivedType(typeof(Planned), "planned")]
public abstract record ApplyReply
{
    /// <summary>The plan was carried out, except for <paramref name="Failures"/>.</summary>
    /// <param name="Steps">What was done; empty when nothing had changed.</param>
    /// <param name="Orphans">Services that run and that the manifest no longer declares.</param>
    public sealed record Applied(
        IReadOnlyList<AppliedStep> Steps, IReadOnlyList<string> Orphans, IReadOnlyList<ServiceFailure> Failures) : ApplyReply;

    /// <summary>The manifest cannot be used as it is. Exit code 2.</summary>
    public sealed record ManifestInvalid(IReadOnlyList<Diagnostic> Diagnostics) : ApplyReply;

    /// <summary>Host ports are taken. Exit code 19.</summary>
    public sealed record PortsTaken(IReadOnlyList<PortConflict> Conflicts) : ApplyReply;

    /// <summary>Modules cannot be loaded. Exit code 1.</summary>
    public sealed record ModulesUnusable(IReadOnlyList<ModuleFailure> Failures) : ApplyReply;

    /// <summary>Names that no service of the stack has. Exit code 1.</summary>
    public sealed record UnknownServices(IReadOnlyList<string> Names, IReadOnlyList<string> Known) : ApplyReply;

    /// <summary>What was asked for cannot be; each complaint says why and what to do. Exit code 1.</summary>
    public sealed record Refused(IReadOnlyList<string> Complaints) : ApplyReply;

    /// <summary>Another command has overruled this one, or the runner ended, before the wish was fulfilled.</summary>
    public sealed record Abandoned(string Reason) : ApplyReply;

    /// <summary>Asked for a plan only, which nothing stands against as far as can be known without trying.</summary>
    /// <param name="Plan">The steps with their causes, for people; one line each.</param>
    public sealed record Planned(string Plan) : ApplyReply;
}

/// <summary>One step that was carried out, and why.</summary>
public sealed record AppliedStep(string Id, string Cause);
