using System.Security.Cryptography;

namespace Wasmrun.Runtimes.Packages;

/// <summary>
/// What an archive is checked by, in the form of the W3C's subresource integrity: one or several hashes with their algorithm. Of
/// several, the strongest algorithm counts, and one of its hashes has to be met.
/// </summary>
internal sealed class Integrity
{
    private static readonly (string Prefix, HashAlgorithmName Name, int Bytes)[] _algorithms =
    [
        ("sha512-", HashAlgorithmName.SHA512, 64),
        ("sha384-", HashAlgorithmName.SHA384, 48),
        ("sha256-", HashAlgorithmName.SHA256, 32),
        ("sha1-", HashAlgorithmName.SHA1, 20),
    ];

    private readonly string _prefix;
    private readonly IReadOnlyList<byte[]> _hashes;

    private Integrity(string prefix, HashAlgorithmName algorithm, IReadOnlyList<byte[]> hashes)
    {
        _prefix = prefix;
        Algorithm = algorithm;
        _hashes = hashes;
    }

    public HashAlgorithmName Algorithm { get; }

    /// <summary>Names the content: equal hashes, equal bytes. Digits of hexadecimal numbers.</summary>
    public string Key => Convert.ToHexStringLower(_hashes[0]);

    /// <summary>Null when nothing in the text is a hash that is known here.</summary>
    public static Integrity? Parse(string? text)
    {
        var words = (text ?? string.Empty).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        foreach (var (prefix, name, bytes) in _algorithms)
        {
            var hashes = words
                .Where(word => word.StartsWith(prefix, StringComparison.Ordinal))
                .Select(word => Decode(word[prefix.Length..].Split('?')[0]))
                .OfType<byte[]>()
                .Where(hash => hash.Length == bytes)
                .ToList();
            if (hashes.Count > 0)
            {
                return new(prefix, name, hashes);
            }
        }

        return null;
    }

    public bool IsMetBy(byte[] hash) => _hashes.Any(wanted => CryptographicOperations.FixedTimeEquals(wanted, hash));

    /// <summary>A hash that was computed, as it would stand in a lock file.</summary>
    public string Write(byte[] hash) => _prefix + Convert.ToBase64String(hash);

    public override string ToString() => string.Join(' ', _hashes.Select(Write));

    private static byte[]? Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : null;
    }
}
