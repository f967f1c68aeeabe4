using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Services;

/// <summary>
/// The private folder of one run in which the services listen for each other. Only the user can enter it, which is what keeps
/// everyone else out of the stack. A lock file beside it tells a running owner from one that was killed, whose folder is removed.
/// </summary>
internal sealed class SocketFolder(string runtimeDirectory) : IDisposable
{
    private const string Prefix = "net-";
    private const string LockSuffix = ".lock";
    private const int Backlog = 4096;
    private const int MostNames = 100;

    private readonly Lock _gate = new();
    private FileStream? _lock;
    private SafeFileHandle? _handle;
    private string _path = "";

    /// <summary>Takes a folder of its own and removes those whose owners are gone; does nothing the second time.</summary>
    /// <exception cref="IOException">The runtime directory cannot be used.</exception>
    public void Open()
    {
        lock (_gate)
        {
            if (_lock is null)
            {
                KernelFolder.CreatePrivate(runtimeDirectory);
                RemoveAbandoned();
                Create();
            }
        }
    }

    /// <summary>Listens for the other services on a port of a service.</summary>
    /// <param name="domain">The family of its clients, which the socket itself knows nothing of.</param>
    public Errno Listen(int service, int port, SocketDomain domain, out int descriptor, out KernelAddress address)
    {
        address = AddressOf(Name(service, port, domain));
        var error = KernelSocket.OpenUnix(datagram: false, out descriptor);
        if (error != Errno.None)
        {
            return error;
        }

        error = KernelSocket.Bind(descriptor, address);
        error = error == Errno.None ? KernelSocket.Listen(descriptor, Backlog) : error;
        if (error != Errno.None)
        {
            _ = Libc.Close(descriptor);
        }

        return error;
    }

    public void Close(int service, int port, SocketDomain domain, int descriptor)
    {
        _ = Libc.Close(descriptor);
        var path = Path.Combine(_path, Name(service, port, domain));
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_lock is not null)
            {
                _handle?.Dispose();
                Remove(_path, _lock);
                _lock = null;
            }
        }
    }

    private static string Name(int service, int port, SocketDomain domain) =>
        string.Create(CultureInfo.InvariantCulture, $"{service}.{port}{(domain == SocketDomain.Inet6 ? ".6" : "")}");

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Remove(string folder, FileStream @lock)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        // Unlinked while it is still locked: whoever gets the lock next finds that the file is not there, and starts over.
        File.Delete(@lock.Name);
        @lock.Dispose();
    }

    private void RemoveAbandoned()
    {
        foreach (var path in Directory.EnumerateFiles(runtimeDirectory, Prefix + "*" + LockSuffix))
        {
            if (TryLock(path) is { } abandoned)
            {
                Remove(path[..^LockSuffix.Length], abandoned);
            }
        }
    }

    private void Create()
    {
        for (var tries = 0; tries < MostNames; tries++)
        {
            var path = Path.Combine(runtimeDirectory, Prefix + RandomNumberGenerator.GetHexString(8, lowercase: true));
            var taken = TryLock(path + LockSuffix);
            if (taken is not null && File.Exists(taken.Name))
            {
                KernelFolder.CreatePrivate(path);
                _lock = taken;
                _path = path;
                return;
            }

            // Another run may take a new file for an abandoned one before it is locked.
            taken?.Dispose();
        }

        throw new IOException($"cannot lock a file in {runtimeDirectory}");
    }

    /// <summary>A path that does not fit a socket's address goes through a descriptor of the folder instead.</summary>
    private KernelAddress AddressOf(string name)
    {
        var path = Encoding.UTF8.GetBytes(Path.Combine(_path, name));
        if (path.Length > KernelAddress.MaxPathLength)
        {
            lock (_gate)
            {
                _handle ??= KernelFolder.Open(_path);
            }

            path = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{_handle.DangerousGetHandle()}/{name}"));
        }

        return KernelAddress.FromPath(path);
    }
}
