using System.Runtime.CompilerServices;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>The stream that a guest received from last, if it is likely to have something for the next receive too: a poll can then be answered with it alone, without asking the kernel.</summary>
internal struct LikelyStream
{
    /// <summary>How many polls in a row are answered so. Whatever else the guest waits for is this many receives late at most.</summary>
    private const int MostInARow = 8;

    private VirtualSocket? _stream;
    private uint _number;
    private int _inARow;

    /// <summary>Whether <see cref="TryTake"/> may find one.</summary>
    public bool IsThere { readonly get; private set; }

    /// <summary>Takes note of a receive.</summary>
    /// <param name="number">The guest's number for the stream.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Note(uint number, VirtualSocket stream)
    {
        if (!stream.IsLikelyReadable)
        {
            return;
        }

        // The garbage collector wants to know of each reference that is put anywhere, and to look is cheaper.
        if (_stream != stream)
        {
            _stream = stream;
        }

        (_number, IsThere) = (number, true);
    }

    /// <summary>Gives the stream's number, once for each <see cref="Note"/>; false if it is not likely any more, or it has been so too often in a row.</summary>
    public bool TryTake(out uint number)
    {
        number = _number;
        IsThere = false;
        if (_stream!.IsLikelyReadable && ++_inARow <= MostInARow)
        {
            return true;
        }

        _inARow = 0;
        return false;
    }

    /// <summary>The number may stand for something else by now.</summary>
    public void Forget() => this = default;
}
