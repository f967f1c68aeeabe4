using System.Security.Cryptography;
using Wasmrun.Runtimes.Keys;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// Keys derived from passwords and other keys. What takes long is left when the guest is to stop; what the program need not wait for is done a
/// little at a time, one key after the other, so that the event loop has its turns in between.
/// </summary>
internal sealed class DerivationFunctions(DrivenGuest guest)
{
    // What the host holds is not the guest's memory.
    private const int MostBytes = 1 << 20;

    // As in Node.
    private const int MostInfoBytes = 1024;

    /// <summary>How long the event loop waits for one turn of the work.</summary>
    private static readonly TimeSpan _turn = TimeSpan.FromMilliseconds(1);

    private IEnumerator<byte[]?>? _begun;

    public void Register(HostTable table)
    {
        table.AddLasting("pbkdf2", Guarded((in HostCall call) =>
        {
            var (rounds, length) = RoundsAndLength(call);
            return call.Engine.NewBytes(length == 0 ? [] : Pbkdf2.Derive(CryptoFunctions.Name(call.Text(4)), call.Bytes(0), call.Bytes(1), rounds, length, guest.Network.Stop));
        }));
        table.Add("pbkdf2Begin", Guarded((in HostCall call) =>
        {
            var (rounds, length) = RoundsAndLength(call);
            return Begin(Pbkdf2.Steps(CryptoFunctions.Name(call.Text(4)), call.Bytes(0).ToArray(), call.Bytes(1).ToArray(), rounds, length));
        }));
        table.AddLasting("scrypt", Guarded((in HostCall call) =>
        {
            var (cost, blockSize, lanes, length) = Costs(call);
            return call.Engine.NewBytes(length == 0 ? [] : Scrypt.Derive(call.Bytes(0), call.Bytes(1), cost, blockSize, lanes, length, guest.Network.Stop));
        }));
        table.Add("scryptBegin", Guarded((in HostCall call) =>
        {
            var (cost, blockSize, lanes, length) = Costs(call);
            return Begin(Scrypt.Steps(call.Bytes(0).ToArray(), call.Bytes(1).ToArray(), cost, blockSize, lanes, length));
        }));
        table.AddLasting("deriveOn", Guarded((in HostCall call) => GoOn() is { } key ? call.Engine.NewBytes(key) : JsValue.Null));
        table.Add("hkdf", Guarded(Expand));
    }

    /// <summary>Arguments of HKDF: hash, key, salt, info, bytes wanted. The info is hashed once for each block of the result.</summary>
    private JsValue Expand(in HostCall call)
    {
        _ = Bounds.UpTo(MostInfoBytes, call.Bytes(3).Length, "info");
        var key = Digests.Authenticate(call.Text(0), call.Bytes(2), call.Bytes(1), guest.Network.Stop);
        return call.Engine.NewBytes(HKDF.Expand(CryptoFunctions.Name(call.Text(0)), key, call.Int(4), call.Bytes(3).ToArray()));
    }

    /// <summary>Arguments of PBKDF2: password, salt, rounds, bytes wanted, hash.</summary>
    private static (int Rounds, int Length) RoundsAndLength(in HostCall call) =>
        (Bounds.Positive(call.Int(2), "iterations"), (int)Bounds.UpTo(MostBytes, call.Int(3), "keylen"));

    /// <summary>Arguments of scrypt: password, salt, N, r, p, bytes wanted.</summary>
    private (int Cost, int BlockSize, int Lanes, int Length) Costs(in HostCall call)
    {
        var (cost, blockSize, lanes) = (Bounds.Positive(call.Int(2), "N"), Bounds.Positive(call.Int(3), "r"), Bounds.Positive(call.Int(4), "p"));
        _ = Bounds.UpTo(Scrypt.MostBlockSize, blockSize, "r");
        _ = Bounds.UpTo(Math.Min(Scrypt.MostMemoryBytes, guest.Options.Limits.MemoryBytes ?? long.MaxValue), Scrypt.MemoryBytes(cost, blockSize, lanes), "N");
        return (cost, blockSize, lanes, (int)Bounds.UpTo(MostBytes, call.Int(5), "keylen"));
    }

    private JsValue Begin(IEnumerable<byte[]?> work)
    {
        _begun?.Dispose();
        _begun = work.GetEnumerator();
        return JsValue.Undefined;
    }

    /// <summary>One turn of what was begun last; the key when that was the end of it.</summary>
    private byte[]? GoOn()
    {
        var work = _begun ?? throw new InvalidOperationException("no key is being derived");
        for (var start = guest.Time.GetTimestamp(); guest.Time.GetElapsedTime(start) < _turn;)
        {
            guest.Network.Stop.ThrowIfRequested();
            _ = work.MoveNext();
            if (work.Current is { } key)
            {
                work.Dispose();
                _begun = null;
                return key;
            }
        }

        return null;
    }

    private static HostFunction Guarded(HostFunction function) => (in HostCall call) =>
    {
        try
        {
            return function(call);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new HostErrorException("ERR_CRYPTO_OPERATION_FAILED", e.Message);
        }
    };
}
