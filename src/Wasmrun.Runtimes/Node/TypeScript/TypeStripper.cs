using System.Security.Cryptography;
using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Packages.Keeping;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.TypeScript;

/// <summary>
/// Makes JavaScript of TypeScript by putting blanks in the place of types, so that every line and column stays. What it has made is kept by
/// the content that it was made from.
/// </summary>
/// <param name="load">Gets the module that does the work, once, when the first file has to be made that is not kept.</param>
/// <param name="version">Differs where results may.</param>
/// <param name="folder">Where results are kept.</param>
internal sealed class TypeStripper(SandboxEngine engine, Func<Task<CompiledModule>> load, string version, string folder)
{
    /// <summary>What this process keeps at most: a guest must not fill the disk by what it makes up.</summary>
    private const long MaxKeptBytes = 64 << 20;

    private const int MaxSourceLength = 8 << 20;

    /// <summary>What the work has at least, or a small guest would hear of syntax errors that there are none of.</summary>
    private const long LeastMemoryBytes = 64 << 20;

    private readonly FarCode _module = new(load);
    private long _kept;

    /// <summary>Differs where results may.</summary>
    public string Version => version;

    /// <summary>The program without its types.</summary>
    /// <param name="name">Names the file in messages.</param>
    /// <param name="guest">Which waits on its thread; its limit of memory holds for the work too, beside what it has itself.</param>
    /// <exception cref="HostErrorException">It is not valid, too long, or has something that needs more than leaving out.</exception>
    /// <exception cref="GuestStoppedException">The guest was told to stop; wrapped by the engine when that was in the middle of the work.</exception>
    public string Strip(string source, string name, DrivenGuest guest)
    {
        if (source.Length > MaxSourceLength)
        {
            throw new HostErrorException("ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", $"the types of {name} cannot be stripped: it has more than {MaxSourceLength >> 20} MiB");
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{version}\n{source}"));
        var path = Path.Combine(folder, $"{Convert.ToHexStringLower(hash)}.js");
        if (File.Exists(path))
        {
            return File.ReadAllText(path);
        }

        var module = Load(guest.Network.Stop);
        var memory = guest.Options.Limits.MemoryBytes is { } limit ? Math.Max(limit, LeastMemoryBytes) : (long?)null;
        var stripped = engine.Compute(module, guest.Network.Stop, memory, BindingHeap.Define(out var heap), (_, instance) => heap.Transform(instance, source, name));
        Keep(path, stripped);
        return stripped;
    }

    private CompiledModule Load(StopSignal stop)
    {
        try
        {
            return _module.Load(stop);
        }
        catch (Exception e) when (e is ModuleLoadException or PackageFetchException or IOException or UnauthorizedAccessException)
        {
            throw new HostErrorException("ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", $"what strips types cannot be had: {e.Message}");
        }
    }

    private void Keep(string path, string text)
    {
        if (Interlocked.Add(ref _kept, text.Length) > MaxKeptBytes)
        {
            return;
        }

        try
        {
            PrivateFolder.Make(folder);
            var unfinished = $"{path}.{Guid.NewGuid():N}";
            File.WriteAllText(unfinished, text);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The result is here all the same; next time it is made again.
        }
    }
}
