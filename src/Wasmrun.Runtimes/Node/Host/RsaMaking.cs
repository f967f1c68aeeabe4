using System.Security.Cryptography;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// Makes keys of RSA, for which .NET takes up to some seconds without a pause: on a thread beside the guest's, so that the guest can be stopped
/// meanwhile. A key that nobody waits for any more is still finished; for all guests together only so many are made at a time.
/// </summary>
internal sealed class RsaMaking(DrivenGuest guest)
{
    private static readonly SemaphoreSlim s_places = new(Math.Max(1, Environment.ProcessorCount / 2));

    private Task<byte[]>? _begun;

    /// <summary>Makes a key in one go.</summary>
    /// <returns>Its PKCS #8 bytes.</returns>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    /// <exception cref="CryptographicException">There is no key of this size.</exception>
    public byte[] Make(int bits)
    {
        using var done = new StartSignal();
        var making = MakeAsync(bits);
        making.GetAwaiter().UnsafeOnCompleted(done.Release);
        done.Wait(guest.Network.Stop);
        return making.GetAwaiter().GetResult();
    }

    public void Begin(int bits) => _begun = MakeAsync(bits);

    /// <summary>The key that was begun, null as long as it is not done.</summary>
    /// <exception cref="CryptographicException">There is no key of this size.</exception>
    public byte[]? Take() => _begun is { IsCompleted: false }
        ? null
        : (_begun ?? throw new InvalidOperationException("no key is being made")).GetAwaiter().GetResult();

    private async Task<byte[]> MakeAsync(int bits)
    {
        await s_places.WaitAsync();
        var start = guest.Time.GetTimestamp();
        byte[] key;
        try
        {
            guest.Network.Stop.ThrowIfRequested();
            key = await Task.Factory.StartNew(() => Make(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            s_places.Release();
        }

        if (guest.Options.Limits.Cpus is { } cpus and > 0 and < 1)
        {
            // Nobody counts the time of that thread against the guest's share of a core, so the key comes when it would have come with that share.
            await Task.Delay(guest.Time.GetElapsedTime(start) * ((1 - cpus) / cpus), guest.Time, CancellationToken.None);
        }

        return key;

        byte[] Make()
        {
            using var rsa = RSA.Create(bits);
            return rsa.ExportPkcs8PrivateKey();
        }
    }
}
