namespace Wasmrun.Control.Api;

/// <summary>A refusal, as RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457) writes it.</summary>
/// <param name="Outcome">For requests that would have changed the stack: the same in detail.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, ApplyReply? Outcome = null)
{
    public const string ContentType = "application/problem+json";
}
