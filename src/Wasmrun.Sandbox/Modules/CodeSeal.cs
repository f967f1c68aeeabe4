using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Seals compiled code with a secret of the user, because the engine runs whatever native code it is given: only code that
/// this user's own runner wrote, whole and for this very module, carries a valid seal. The seal is GMAC (AES-GCM without
/// a text to encrypt), because checking it is most of what loading costs, and it is about five times as fast as HMAC-SHA-256.
/// </summary>
/// <remarks>An entry is the code, then the key it is kept under, a nonce, the tag and a mark of the format.</remarks>
internal sealed class CodeSeal(byte[] secret)
{
    public const int SecretBytes = 32;
    public const int KeyBytes = 32;

    /// <summary>What a seal adds to the code.</summary>
    public const int Bytes = KeyBytes + NonceBytes + TagBytes + MarkBytes;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int MarkBytes = 4;
    private const uint Mark = 0x31736d77;

    /// <summary>Makes an entry of code that is kept under a key.</summary>
    public byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> code)
    {
        var entry = new byte[code.Length + Bytes];
        code.CopyTo(entry);
        key.CopyTo(entry.AsSpan(code.Length));
        var seal = entry.AsSpan(code.Length + KeyBytes);
        RandomNumberGenerator.Fill(seal[..NonceBytes]);
        using var cipher = new AesGcm(secret, TagBytes);
        cipher.Encrypt(seal[..NonceBytes], default(ReadOnlySpan<byte>), default, seal.Slice(NonceBytes, TagBytes), entry.AsSpan(0, code.Length + KeyBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(seal[(NonceBytes + TagBytes)..], Mark);
        return entry;
    }

    /// <summary>Whether the entry is whole, sealed by this user, and kept under this key.</summary>
    public bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> entry)
    {
        if (entry.Length < Bytes)
        {
            return false;
        }

        var seal = entry[^(NonceBytes + TagBytes + MarkBytes)..];
        var sealedBytes = entry[..^seal.Length];
        if (BinaryPrimitives.ReadUInt32LittleEndian(seal[^MarkBytes..]) != Mark || !sealedBytes[^KeyBytes..].SequenceEqual(key))
        {
            return false;
        }

        try
        {
            using var cipher = new AesGcm(secret, TagBytes);
            cipher.Decrypt(seal[..NonceBytes], default(ReadOnlySpan<byte>), seal.Slice(NonceBytes, TagBytes), default, sealedBytes);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
