namespace Wasmrun.Manifest.Specs;

/// <summary>What a service is asked to find out whether it does its work.</summary>
public abstract record ProbeSpec
{
    /// <summary>It is not asked, and never counts as healthy or unhealthy.</summary>
    public sealed record Disabled : ProbeSpec;

    /// <summary>A GET request to the guest's port; an answer from 200 to 399 is health.</summary>
    public sealed record Http(string Path, int Port) : ProbeSpec;

    /// <summary>A connection to the guest's port.</summary>
    public sealed record Tcp(int Port) : ProbeSpec;

    /// <summary>A line of the service's output that holds the text; once seen, the instance is healthy for good.</summary>
    public sealed record LogLine(string Text) : ProbeSpec;

    /// <summary>Another instance of the service's module, with these arguments; the exit code 0 is health.</summary>
    public sealed record Command(IReadOnlyList<string> Arguments) : ProbeSpec;
}
