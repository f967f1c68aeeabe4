using System.Security.Cryptography;
using Wasmrun.Runtimes.Packages;

namespace Wasmrun.Tests.Runtimes.Packages;

/// <summary>Hashes in lock files.</summary>
public sealed class IntegrityTests
{
    private const string Sha1 = "sha1-oXyaqmHoChv3HQ2FCvTluqmAC70=";
    private static readonly byte[] _data = "data"u8.ToArray();
    private static readonly string _sha256 = "sha256-" + Convert.ToBase64String(SHA256.HashData(_data));
    private static readonly string _sha384 = "sha384-" + Convert.ToBase64String(SHA384.HashData(_data));
    private static readonly string _sha512 = "sha512-" + Convert.ToBase64String(SHA512.HashData(_data));

    public static TheoryData<string, string> Known => new()
    {
        { Sha1, "SHA1" }, { _sha256, "SHA256" }, { _sha384, "SHA384" }, { _sha512, "SHA512" }, { $"{Sha1} {_sha512} {_sha256}", "SHA512" }, { $"{_sha512}?option", "SHA512" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void StrongestAlgorithm_Counts(string text, string algorithm)
    {
        var integrity = Integrity.Parse(text);
        Assert.Equal(algorithm, integrity!.Algorithm.Name);
        Assert.True(integrity.IsMetBy(CryptographicOperations.HashData(integrity.Algorithm, _data)));
        Assert.False(integrity.IsMetBy(CryptographicOperations.HashData(integrity.Algorithm, [])));
    }

    [Fact]
    public void OneOfSeveralHashes_IsEnough() => Assert.True(Integrity.Parse($"sha512-{new string('A', 86)}== {_sha512}")!.IsMetBy(SHA512.HashData(_data)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("md5-1B2M2Y8AsgTpgAmY7PhCfg==")]
    [InlineData("sha512-")]
    [InlineData("sha512-AAAA")]
    [InlineData("sha512-not base 64")]
    public void WithoutAKnownHash_ThereIsNothingToCheckBy(string? text) => Assert.Null(Integrity.Parse(text));
}
