using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <summary>Where a transfer that takes several system calls has got to in the guest's buffers.</summary>
internal ref struct VectorCursor(ReadOnlySpan<IoVector> vectors)
{
    // The kernel takes as many pieces at a time.
    private const int MaxVectors = 1024;

    private ReadOnlySpan<IoVector> _rest = vectors;
    private nuint _offset;

    /// <summary>What is left, or the beginning of it.</summary>
    /// <param name="scratch">Room for one piece, when a transfer ended in the middle of it.</param>
    public readonly ReadOnlySpan<IoVector> Next(Span<IoVector> scratch)
    {
        if (_offset == 0)
        {
            return _rest.Length <= MaxVectors ? _rest : _rest[..MaxVectors];
        }

        scratch[0] = new(_rest[0].Base + (nint)_offset, _rest[0].Length - _offset);
        return scratch[..1];
    }

    /// <summary>How many bytes there is room for.</summary>
    public static nuint Sum(ReadOnlySpan<IoVector> vectors)
    {
        nuint sum = 0;
        foreach (var vector in vectors)
        {
            sum += vector.Length;
        }

        return sum;
    }

    /// <summary>Goes on by this many bytes; false at the end of the buffers.</summary>
    public bool Advance(nuint bytes)
    {
        _offset += bytes;
        while (_rest.Length > 0 && _offset >= _rest[0].Length)
        {
            _offset -= _rest[0].Length;
            _rest = _rest[1..];
        }

        return _rest.Length > 0;
    }
}
