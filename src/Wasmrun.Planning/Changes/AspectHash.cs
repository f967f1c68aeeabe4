using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Wasmrun.Planning.Changes;

/// <summary>Hashes a list of texts so that no two different lists can be mistaken for each other: each text is preceded by its length.</summary>
internal static class AspectHash
{
    private const int Characters = 16;

    public static string Of(IEnumerable<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Characters];
    }
}
