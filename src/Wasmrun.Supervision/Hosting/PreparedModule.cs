namespace Wasmrun.Supervision.Hosting;

/// <summary>What a service runs, loaded and compiled.</summary>
/// <param name="path">The absolute path it was loaded from.</param>
/// <param name="contentHash">Equal for equal content: what decides whether an instance is out of date.</param>
public abstract class PreparedModule(string path, string contentHash)
{
    public string Path { get; } = path;

    public string ContentHash { get; } = contentHash;

    /// <summary>What the command of a health check runs, when its arguments make another program of it.</summary>
    public PreparedModule? Test { get; init; }
}
