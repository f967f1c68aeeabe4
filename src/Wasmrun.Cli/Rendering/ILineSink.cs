using Wasmrun.Supervision.Logs;

namespace Wasmrun.Cli.Rendering;

/// <summary>Where a <see cref="LogPump"/> puts lines: collected here, shown when the pump says so.</summary>
internal interface ILineSink
{
    /// <summary>When the reader last took something, on the clock's high-frequency timestamp.</summary>
    long LastTaken { get; }

    /// <summary>Takes a line without showing it, unless much has been collected.</summary>
    void Add(LogLine line);

    /// <summary>Shows what was collected.</summary>
    /// <exception cref="Terminal.OutputClosedException">Nobody reads any more.</exception>
    void Flush();
}
