namespace Wasmrun.Control.Api;

/// <summary>Which events somebody wants to read.</summary>
/// <param name="Since">Those kept from this moment on come first; null for none but those to come.</param>
/// <param name="Until">Only those before it, and the end of the stream when it comes; null for no end.</param>
public sealed record EventQuery(DateTimeOffset? Since = null, DateTimeOffset? Until = null)
{
    public static EventQuery FromNowOn { get; } = new();
}
