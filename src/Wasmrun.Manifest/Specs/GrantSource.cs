namespace Wasmrun.Manifest.Specs;

/// <summary>Where the content of a secret or a config comes from: exactly one of a file, and a text.</summary>
/// <param name="File">The absolute path of a file on the host, read whenever the guest reads.</param>
/// <param name="Content">The content itself.</param>
/// <param name="Variable">The variable that the content was taken from; null when it was written out.</param>
public sealed record GrantSource(string? File, string? Content, string? Variable)
{
    /// <summary>Keeps the content out of messages and logs.</summary>
    public override string ToString() => File ?? (Variable is null ? "written out" : $"the variable {Variable}");
}
