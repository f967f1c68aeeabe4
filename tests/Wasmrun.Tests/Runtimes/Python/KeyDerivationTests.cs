using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Python;
using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>What the host takes of a guest that wants a key from a password.</summary>
public sealed class KeyDerivationTests
{
    [Theory]
    [InlineData("pbkdf2", "sha1 1 65536 1\nps", Errno.None)]
    [InlineData("pbkdf2", "sha1 1 65537 1\nps", Errno.EINVAL)]
    [InlineData("scrypt", "2 1 1 65536 1\nps", Errno.None)]
    [InlineData("scrypt", "2 1 1 65537 1\nps", Errno.EINVAL)]
    public void LongKeys_AreNotKeptForAGuest(string function, string arguments, Errno expected)
    {
        using var stop = new StopSignal();
        var functions = ((GuestMount.Functions)KeyDerivation.Mount).ByName;

        Assert.Equal(expected, functions[function](Encoding.ASCII.GetBytes(arguments), long.MaxValue, stop, out var key));
        Assert.Equal(expected == Errno.None ? 65536 : 0, key.Length);
    }
}
