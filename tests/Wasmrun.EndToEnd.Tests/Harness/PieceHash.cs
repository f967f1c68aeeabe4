using System.Security.Cryptography;

namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>SHA-256 of what comes piece by piece.</summary>
internal sealed class PieceHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The hash of all that was added so far, in hexadecimal.</summary>
    public string Text => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Add(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public void Dispose() => _hash.Dispose();
}
