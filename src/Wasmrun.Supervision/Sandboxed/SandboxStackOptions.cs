using Wasmrun.Runtimes;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>Where a stack that really runs keeps what it needs.</summary>
public sealed record SandboxStackOptions
{
    /// <summary>The stack's name.</summary>
    public required string Name { get; init; }

    /// <summary>A folder of this project alone for the sockets between its services; made when missing.</summary>
    public required string RuntimeDirectory { get; init; }

    /// <summary>The folder that named volumes are folders of; made when missing.</summary>
    public required string VolumesDirectory { get; init; }

    /// <summary>What language runtimes need; null when only modules can be run.</summary>
    public RuntimeOptions? Runtimes { get; init; }

    /// <summary>A kernel descriptor that every guest reads as its standard input; null is an empty one.</summary>
    public int? StandardInput { get; init; }

    /// <summary>How much a <c>tmpfs</c> mount that names no size may hold, in bytes.</summary>
    public long TemporaryBytes { get; init; } = 64L * 1024 * 1024;
}
