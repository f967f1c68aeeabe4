namespace Wasmrun.Runtimes;

/// <summary>How far the fetching of one package has come.</summary>
/// <param name="Package">Its name and version.</param>
/// <param name="Host">The server that it comes from.</param>
/// <param name="Received">Bytes of its archive that are here.</param>
/// <param name="Total">Bytes of its archive, null as long as nobody has said so.</param>
public sealed record FetchProgress(string Package, string Host, long Received, long? Total);
