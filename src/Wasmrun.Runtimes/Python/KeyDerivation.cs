using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Keys;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// Keys from passwords, which take the interpreter a hundred times as long as the host. The guest's side of it is <c>wasmrun_hashes.py</c>.
/// </summary>
internal static class KeyDerivation
{
    /// <summary>Where a guest finds them.</summary>
    public static readonly GuestMount Mount = new GuestMount.Functions(
        "/.wasmrun/keys", new Dictionary<string, DeviceFunction>(StringComparer.Ordinal) { ["pbkdf2"] = DerivePbkdf2, ["scrypt"] = DeriveScrypt });

    /// <summary>Each open file may hold a key, beside the guest's memory.</summary>
    private const int MostKeyBytes = 1 << 16;

    private const int MostWordBytes = 128;
    private const int MostLanes = 1 << 30;

    private static readonly Dictionary<string, HashAlgorithmName> _hashes = new(StringComparer.Ordinal)
    {
        ["sha1"] = HashAlgorithmName.SHA1,
        ["sha256"] = HashAlgorithmName.SHA256,
        ["sha384"] = HashAlgorithmName.SHA384,
        ["sha512"] = HashAlgorithmName.SHA512,
    };

    /// <summary>Arguments are <c>HASH ROUNDS KEY_BYTES PASSWORD_BYTES</c> and a line feed, then the password and the salt.</summary>
    private static Errno DerivePbkdf2(ReadOnlySpan<byte> arguments, long memoryBytes, StopSignal stop, out byte[] key)
    {
        key = [];
        if (!TryRead(arguments, out var words, out var password, out var salt)
            || words is not [var name, var first, var second]
            || !_hashes.TryGetValue(name, out var hash) || !TryParse(first, int.MaxValue, out var rounds) || !TryParse(second, MostKeyBytes, out var length))
        {
            return Errno.EINVAL;
        }

        key = Pbkdf2.Derive(hash, password, salt, rounds, length, stop);
        return Errno.None;
    }

    /// <summary>Arguments are <c>N R P KEY_BYTES PASSWORD_BYTES</c> and a line feed, then the password and the salt.</summary>
    private static Errno DeriveScrypt(ReadOnlySpan<byte> arguments, long memoryBytes, StopSignal stop, out byte[] key)
    {
        key = [];
        if (!TryRead(arguments, out var words, out var password, out var salt)
            || words is not [var first, var second, var third, var fourth]
            || !TryParse(first, int.MaxValue, out var cost) || cost < 2 || !BitOperations.IsPow2(cost)
            || !TryParse(second, Scrypt.MostBlockSize, out var blockSize)
            || !TryParse(third, int.MaxValue, out var lanes) || (long)lanes * blockSize >= MostLanes
            || !TryParse(fourth, MostKeyBytes, out var length))
        {
            return Errno.EINVAL;
        }

        if (Scrypt.MemoryBytes(cost, blockSize, lanes) > Math.Min(memoryBytes, Scrypt.MostMemoryBytes))
        {
            return Errno.ENOMEM;
        }

        key = Scrypt.Derive(password, salt, cost, blockSize, lanes, length, stop);
        return Errno.None;
    }

    private static bool TryRead(ReadOnlySpan<byte> arguments, out string[] words, out ReadOnlySpan<byte> password, out ReadOnlySpan<byte> salt)
    {
        var end = arguments[..Math.Min(arguments.Length, MostWordBytes)].IndexOf((byte)'\n');
        words = Encoding.ASCII.GetString(arguments[..Math.Max(0, end)]).Split(' ');
        password = salt = default;
        var rest = arguments[(end + 1)..];
        if (!int.TryParse(words[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > rest.Length)
        {
            return false;
        }

        words = words[..^1];
        password = rest[..length];
        salt = rest[length..];
        return true;
    }

    private static bool TryParse(string word, int most, out int number) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0 && number <= most;
}
