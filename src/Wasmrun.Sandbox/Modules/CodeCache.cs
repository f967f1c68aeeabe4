using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Wasmrun.Sandbox.Engine;
using Wasmtime;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Compiled code on disk, kept under the hash of the module and everything that decided how it was compiled. Whatever goes
/// wrong with it costs time and a warning, never a start: the module is compiled again.
/// </summary>
internal sealed class CodeCache
{
    private readonly Lazy<CacheFolder?> _folder;
    private readonly long _maxBytes;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
    private readonly Interruption _interruption;

    public CodeCache(string? path, long maxBytes, TimeProvider time, Action<string> warn, Interruption interruption = Interruption.ByEpoch)
    {
        _interruption = interruption;
        _maxBytes = maxBytes;
        _time = time;
        _warn = warn;
        _folder = new(() => path is null ? null : Guard(path, () => CacheFolder.Open(path)));
    }

    /// <summary>The code of a module with this hash, or null when it has to be compiled.</summary>
    public Module? Find(Wasmtime.Engine engine, ReadOnlyMemory<byte> hash)
    {
        if (_folder.Value is not { } folder)
        {
            return null;
        }

        var key = KeyOf(hash.Span);
        var path = Path.Combine(folder.Path, NameOf(key));
        return Guard(path, () => Load(engine, folder, key, path));
    }

    /// <summary>Whether there is code of a module with this hash, usable or not.</summary>
    public bool Has(ReadOnlyMemory<byte> hash) => _folder.Value is { } folder && File.Exists(Path.Combine(folder.Path, NameOf(KeyOf(hash.Span))));

    /// <summary>Keeps the code of a module with this hash, and makes room for it.</summary>
    public void Keep(ReadOnlyMemory<byte> hash, Module module)
    {
        if (_folder.Value is not { } folder)
        {
            return;
        }

        var key = KeyOf(hash.Span);
        var name = NameOf(key);
        _ = Guard(Path.Combine(folder.Path, name), () =>
        {
            folder.Write(name, folder.Seal.Seal(key, module.Serialize()), replace: true);
            CacheTrim.Trim(folder.Path, _maxBytes, name, _time);
            return name;
        });
    }

    /// <summary>The name of the file of a module with this hash.</summary>
    internal static string FileName(ReadOnlySpan<byte> hash) => NameOf(KeyOf(hash, Interruption.ByEpoch));

    private static string NameOf(byte[] key) => Convert.ToHexStringLower(key) + CacheTrim.EntryEnding;

    private static byte[] KeyOf(ReadOnlySpan<byte> hash, Interruption interruption) => SHA256.HashData([.. hash, .. Encoding.UTF8.GetBytes(EngineSettings.Fingerprint(interruption))]);

    private byte[] KeyOf(ReadOnlySpan<byte> hash) => KeyOf(hash, _interruption);

    private Module? Load(Wasmtime.Engine engine, CacheFolder folder, byte[] key, string path)
    {
        if (!TryOpen(path, out var file))
        {
            return null;
        }

        using var opened = file;
        if (file is not null && FileOwner.FileProblem(file) is { } problem)
        {
            _warn($"compiled code in {path} {problem}; it is not used and compiled again");
        }
        else if (file is not null && LoadVerified(engine, folder.Seal, key, file) is { } module)
        {
            File.SetLastWriteTimeUtc(file, _time.GetUtcNow().UtcDateTime);
            return module;
        }
        else
        {
            _warn($"compiled code in {path} is damaged or foreign; it is not used and compiled again");
        }

        File.Delete(path);
        return null;
    }

    /// <summary>
    /// The bytes that are checked are the bytes that are loaded: both come from one open file, whose inode only this user can
    /// write and no runner ever writes twice. The engine maps it, so that all processes that run the module share the code.
    /// </summary>
    private static unsafe Module? LoadVerified(Wasmtime.Engine engine, CodeSeal seal, byte[] key, SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        if (length is <= CodeSeal.Bytes or > int.MaxValue)
        {
            return null;
        }

        using var map = MemoryMappedFile.CreateFromFile(file, mapName: null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        using var view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            var entry = new ReadOnlySpan<byte>(start, (int)length);
            if (!seal.Verify(key, entry))
            {
                return null;
            }

            return OperatingSystem.IsLinux()
                ? Module.DeserializeFile(engine, "module", $"/proc/self/fd/{file.DangerousGetHandle()}")
                : Module.Deserialize(engine, "module", entry[..^CodeSeal.Bytes]);
        }
        catch (WasmtimeException)
        {
            return null;
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    /// <summary>Opens an entry, if there is one.</summary>
    /// <param name="file">Null when it is no regular file.</param>
    private static bool TryOpen(string path, out SafeFileHandle? file)
    {
        file = null;
        try
        {
            file = RegularFile.Open(path);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private T? Guard<T>(string path, Func<T?> action)
        where T : class
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _warn($"compiled code cannot be kept in {path}: {e.Message.TrimEnd('.')}; make room there or delete it, which is made again, or set WASMRUN_CACHE_DIR to another one");
            return null;
        }
    }
}
