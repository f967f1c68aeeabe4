using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// The descriptors of one instance under their numbers. It owns them: whatever is still open at the end is closed with the
/// table. A new descriptor gets the lowest free number, as POSIX has it, and their count is bounded.
/// </summary>
/// <param name="holding">What the instance has of the process's descriptors; sockets look after themselves. Null where it is no guest that opens them.</param>
internal sealed class DescriptorTable(int limit, DescriptorHolding? holding = null) : IDisposable
{
    private Descriptor?[] _descriptors = new Descriptor?[8];
    private int _lowestFree;
    private int _count;

    public int Count => _count;

    /// <summary>How many times a number was given up. As long as that stays, every number that was open still stands for the same descriptor.</summary>
    public int Closings { get; private set; }

    public bool HasRoom => _count < limit && holding is null or { HasRoom: true };

    /// <summary>
    /// Finds an open descriptor that has all of these rights. A kind that can never have one of them is found all the same:
    /// it knows best what to answer.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WasiErrno Get(uint number, Rights rights, out Descriptor descriptor)
    {
        var table = _descriptors;
        if (number >= (uint)table.Length || table[number] is not { } found)
        {
            descriptor = null!;
            return WasiErrno.EBADF;
        }

        descriptor = found;
        return (rights & found.Possible & ~found.Rights) == Rights.None ? WasiErrno.None : WasiErrno.ENOTCAPABLE;
    }

    /// <summary>Finds an open folder that has all of these rights.</summary>
    public WasiErrno GetDirectory(uint number, Rights rights, out DirectoryDescriptor directory)
    {
        directory = null!;
        if (Get(number, Rights.None, out var descriptor) is var error and not WasiErrno.None)
        {
            return error;
        }

        if (descriptor is not DirectoryDescriptor found)
        {
            return WasiErrno.ENOTDIR;
        }

        directory = found;
        return (found.Rights & rights) == rights ? WasiErrno.None : WasiErrno.ENOTCAPABLE;
    }

    /// <summary>Takes over a descriptor. When there is no room for it, it is closed.</summary>
    public WasiErrno Add(Descriptor descriptor, out uint number)
    {
        number = 0;
        if (!HasRoom)
        {
            descriptor.Dispose();
            return WasiErrno.EMFILE;
        }

        while (_lowestFree < _descriptors.Length && _descriptors[_lowestFree] is not null)
        {
            _lowestFree++;
        }

        if (_lowestFree == _descriptors.Length)
        {
            Array.Resize(ref _descriptors, _descriptors.Length * 2);
        }

        number = (uint)_lowestFree++;
        Occupy(number, descriptor);
        return WasiErrno.None;
    }

    public WasiErrno Close(uint number)
    {
        if (Get(number, Rights.None, out var descriptor) is var error and not WasiErrno.None)
        {
            return error;
        }

        Free(number);
        descriptor.Dispose();
        return WasiErrno.None;
    }

    /// <summary>Moves a descriptor to the number of another one, which is closed. Both must be open.</summary>
    public WasiErrno Renumber(uint from, uint to)
    {
        if (Get(from, Rights.None, out var moved) is var error and not WasiErrno.None)
        {
            return error;
        }

        error = Get(to, Rights.None, out var replaced);
        if (error is not WasiErrno.None || from == to)
        {
            return error;
        }

        Free(from);
        Free(to);
        Occupy(to, moved);
        replaced.Dispose();
        return WasiErrno.None;
    }

    public void Dispose()
    {
        foreach (var descriptor in _descriptors)
        {
            if (descriptor is not null)
            {
                holding?.Give(descriptor.Backing);
                descriptor.Dispose();
            }
        }

        _descriptors = [];
        _count = 0;
    }

    private void Occupy(uint number, Descriptor descriptor)
    {
        holding?.Take(descriptor.Backing);
        _descriptors[number] = descriptor;
        _count++;
    }

    private void Free(uint number)
    {
        holding?.Give(_descriptors[number]!.Backing);
        _descriptors[number] = null;
        _lowestFree = Math.Min(_lowestFree, (int)number);
        _count--;
        Closings++;
    }
}
