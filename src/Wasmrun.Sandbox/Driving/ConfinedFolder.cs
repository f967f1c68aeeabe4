using System.Buffers;
using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox;

/// <summary>
/// A folder of the host for the runner itself, by the rules that hold for a guest in its mounts: whatever a running guest does in the folder at
/// the same time, no path leads out of it, and no pipe or device is opened.
/// </summary>
public sealed class ConfinedFolder : IDisposable
{
    private const string Place = "/folder";
    private const int Descriptors = 16;
    private const int ChunkBytes = 1 << 16;

    private readonly StopSignal _stop = new();
    private readonly DescriptorTable _descriptors = new(Descriptors);
    private readonly MountTree _mounts;
    private readonly GuestFiles _files;

    /// <summary>Opens the folder.</summary>
    /// <exception cref="IOException">It is not there, or cannot be opened.</exception>
    public ConfinedFolder(string path)
    {
        _mounts = new(PathResolvers.Default, _stop, TimeProvider.System);
        try
        {
            _mounts.Add(new GuestMount.Host(Place, Path.GetFullPath(path), ReadOnly: false));
            foreach (var preopen in _mounts.OpenPreopens())
            {
                _ = _descriptors.Add(preopen, out _);
            }

            _files = new(_descriptors, firstPreopen: 0);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The text of a file.</summary>
    /// <param name="path">Relative to the folder.</param>
    /// <returns>Null when there is no such file in the folder, or it is longer than allowed.</returns>
    public string? ReadText(string path, int maxBytes)
    {
        if (_files.Open($"{Place}/{path}", GuestFileModes.Read, out var file) != Errno.None)
        {
            return null;
        }

        try
        {
            var bytes = new ArrayBufferWriter<byte>(ChunkBytes);
            while (bytes.WrittenCount <= maxBytes && _files.Read(file, bytes.GetSpan(ChunkBytes), -1, out var count) == Errno.None && count > 0)
            {
                bytes.Advance(count);
            }

            return bytes.WrittenCount <= maxBytes ? Encoding.UTF8.GetString(bytes.WrittenSpan).TrimStart('\ufeff') : null;
        }
        finally
        {
            _files.Close(file);
        }
    }

    /// <summary>Writes a file whole, in place of one that is there.</summary>
    /// <param name="path">Relative to this folder; the folders above are made when missing.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void WriteText(string path, string text)
    {
        MakeFolders(Path.GetDirectoryName(path) ?? string.Empty);
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        using (var bytes = new MemoryStream(Encoding.UTF8.GetBytes(text)))
        {
            WriteFile(bytes, unfinished);
        }

        if (_files.Rename($"{Place}/{unfinished}", $"{Place}/{path}") is not Errno.None and var error)
        {
            _files.Unlink($"{Place}/{unfinished}");
            Demand(error, path);
        }
    }

    /// <summary>Copies the files of another folder and of those in it, without links, in place of those that are there.</summary>
    /// <param name="source">A folder that nobody else writes to.</param>
    /// <param name="target">Relative to this folder; made when missing.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void CopyFrom(string source, string target)
    {
        MakeFolders(target);
        Copy(new(source), target);
    }

    public void Dispose()
    {
        _descriptors.Dispose();
        _mounts.Dispose();
        _stop.Dispose();
    }

    private static void Demand(Errno error, string path)
    {
        if (error != Errno.None)
        {
            throw new IOException($"'{path}' cannot be written: {error}");
        }
    }

    private void Copy(DirectoryInfo source, string target)
    {
        foreach (var entry in source.EnumerateFileSystemInfos().Where(entry => entry.LinkTarget is null))
        {
            var path = $"{target}/{entry.Name}";
            if (entry is DirectoryInfo folder)
            {
                MakeFolder(path);
                Copy(folder, path);
            }
            else
            {
                using var from = File.OpenRead(entry.FullName);
                WriteFile(from, path);
            }
        }
    }

    private void MakeFolders(string path)
    {
        var made = string.Empty;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            made = made.Length == 0 ? part : $"{made}/{part}";
            MakeFolder(made);
        }
    }

    private void MakeFolder(string path)
    {
        if (_files.CreateFolder($"{Place}/{path}") is not Errno.EEXIST and var error)
        {
            Demand(error, path);
        }
    }

    private void WriteFile(Stream from, string path)
    {
        _files.Unlink($"{Place}/{path}");
        Demand(_files.Open($"{Place}/{path}", GuestFileModes.Write | GuestFileModes.Create | GuestFileModes.Exclusive, out var file), path);
        try
        {
            var buffer = new byte[ChunkBytes];
            for (var length = from.Read(buffer); length > 0; length = from.Read(buffer))
            {
                for (var at = 0; at < length;)
                {
                    Demand(_files.Write(file, buffer.AsSpan(at, length - at), -1, out var count), path);
                    at += count;
                }
            }
        }
        finally
        {
            _files.Close(file);
        }
    }
}
