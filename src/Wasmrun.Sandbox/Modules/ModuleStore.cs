using System.Security.Cryptography;
using Wasmrun.Sandbox.Engine;
using Wasmtime;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Gives out compiled code: the same bytes are compiled once, however many services ask for them at once, different bytes
/// are compiled in parallel, and whoever runs the same bytes shares the code.
/// </summary>
internal sealed class ModuleStore(Wasmtime.Engine engine, Interruption interruption, CodeCache cache)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<Outcome>> _pending = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WeakReference<ModuleCode>> _loaded = new(StringComparer.Ordinal);

    /// <summary>The code of these bytes, from memory, from the cache, or compiled now.</summary>
    /// <exception cref="ModuleProblemException">The bytes are not a module that can run here.</exception>
    /// <param name="isProgram">False for a library, whose imports and exports are its driver's business.</param>
    public Task<ModuleCode> GetAsync(byte[] bytes, bool isProgram, CancellationToken token) =>
        GetAsync(SHA256.HashData(bytes), () => Task.FromResult(bytes), isProgram, isAside: false, token);

    /// <summary>The code of the bytes with this hash, which are only asked for when they have to be compiled.</summary>
    /// <exception cref="ModuleProblemException">The bytes are others, or not a module that can run here.</exception>
    /// <param name="isProgram">False for a library, whose imports and exports are its driver's business.</param>
    /// <param name="isAside">Whether the compiler, if it is needed, leaves all processors but one to others.</param>
    public async Task<ModuleCode> GetAsync(byte[] hash, Func<Task<byte[]>> read, bool isProgram, bool isAside, CancellationToken token)
    {
        var name = isProgram ? Convert.ToHexString(hash) : $"library {Convert.ToHexString(hash)}";
        var outcome = await GetOutcome(name, hash, read, isProgram, isAside).WaitAsync(token);
        return outcome.Code ?? throw new ModuleProblemException(outcome.Problem!.Problem, outcome.Problem);
    }

    /// <summary>Whether the code of the bytes with this hash seems to be kept.</summary>
    public bool Keeps(byte[] hash) => cache.Has(hash);

    private Task<Outcome> GetOutcome(string name, byte[] hash, Func<Task<byte[]>> read, bool isProgram, bool isAside)
    {
        lock (_gate)
        {
            if (_loaded.TryGetValue(name, out var loaded) && loaded.TryGetTarget(out var code))
            {
                return Task.FromResult(new Outcome(code, null));
            }

            if (!_pending.TryGetValue(name, out var pending))
            {
                // Not with a caller's token: who asked first may leave, while others wait for the same code.
                pending = Task.Run(() => LoadAndRememberAsync(name, hash, read, isProgram, isAside), CancellationToken.None);
                _pending.Add(name, pending);
            }

            return pending;
        }
    }

    private async Task<Outcome> LoadAndRememberAsync(string name, byte[] hash, Func<Task<byte[]>> read, bool isProgram, bool isAside)
    {
        Outcome outcome = new(null, null);
        try
        {
            outcome = await LoadAsync(hash, read, isProgram, isAside);
            return outcome;
        }
        finally
        {
            lock (_gate)
            {
                _pending.Remove(name);
                foreach (var gone in _loaded.Where(loaded => !loaded.Value.TryGetTarget(out _)).Select(loaded => loaded.Key).ToArray())
                {
                    _loaded.Remove(gone);
                }

                if (outcome.Code is { } code)
                {
                    _loaded[name] = new(code);
                }
            }
        }
    }

    private async Task<Outcome> LoadAsync(byte[] hash, Func<Task<byte[]>> read, bool isProgram, bool isAside)
    {
        Module? module = null;
        try
        {
            module = cache.Find(engine, hash);
            if (module is null)
            {
                var bytes = await read();
                module = isAside ? CompileAside(bytes) : ModuleCompiler.Compile(engine, bytes);
                cache.Keep(hash, module);
            }

            if (isProgram)
            {
                ModuleInterface.Check(module);
            }

            return new(new(module, Convert.ToHexString(hash), engine, interruption), null);
        }
        catch (ModuleProblemException e)
        {
            module?.Dispose();
            return new(null, e);
        }
    }

    /// <summary>An engine is told once how many processors its compiler takes, so this takes another; their code is the same.</summary>
    private Module CompileAside(byte[] bytes)
    {
        using var one = EngineSettings.CreateEngine(interruption, isParallel: false);
        using var module = ModuleCompiler.Compile(one, bytes);
        return Module.Deserialize(engine, "module", module.Serialize());
    }

    /// <summary>Code or a problem: an outcome that nobody waits for any more is not an exception that nobody sees.</summary>
    private sealed record Outcome(ModuleCode? Code, ModuleProblemException? Problem);
}
