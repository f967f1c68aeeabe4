using System.Security.Cryptography;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// Hashes and HMACs of what comes piece by piece, so that the guest need not keep all of it until the end. Each holds a little memory of the host,
/// and what has not ended is let go when the guest forgets it.
/// </summary>
internal sealed class DigestFunctions(StopSignal stop)
{
    /// <summary>What a guest may have begun at a time; one more, and the guest keeps the pieces itself.</summary>
    private const int MostDigests = 1024;

    private readonly Dictionary<int, IncrementalHash> _digests = [];
    private int _last;

    public void Register(HostTable table)
    {
        table.Add("digestOpen", (in HostCall call) =>
        {
            var name = CryptoFunctions.Name(call.Text(0));
            return _digests.Count >= MostDigests
                ? JsValue.From(0)
                : Keep(call[1].IsNullish ? IncrementalHash.CreateHash(name) : Digests.Hmac(name, call.Bytes(1), stop));
        });
        table.Add("digestCopy", (in HostCall call) => _digests.Count >= MostDigests
            ? throw new HostErrorException("ERR_CRYPTO_OPERATION_FAILED", $"{MostDigests} long hashes are open, the most that a wasmrun sandbox allows")
            : Keep(Find(call).Clone()));
        table.Add("digestUpdate", (in HostCall call) =>
        {
            Digests.Append(Find(call), call.Bytes(1), stop);
            return JsValue.Undefined;
        });
        table.Add("digestEnd", (in HostCall call) =>
        {
            using var digest = Find(call);
            _digests.Remove(call.Int(0));
            return call.Engine.NewBytes(digest.GetHashAndReset());
        });
        table.Add("digestClose", (in HostCall call) =>
        {
            if (_digests.Remove(call.Int(0), out var digest))
            {
                digest.Dispose();
            }

            return JsValue.Undefined;
        });
    }

    private JsValue Keep(IncrementalHash digest)
    {
        _digests.Add(++_last, digest);
        return JsValue.From(_last);
    }

    private IncrementalHash Find(in HostCall call) =>
        _digests.GetValueOrDefault(call.Int(0)) ?? throw new HostErrorException("ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
}
