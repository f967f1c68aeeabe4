using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <summary>
/// Whether a stream of which a large piece has just been received will have something for the next receive too, guessed from how it went before. A sender who is ahead
/// makes most guesses right, and each of those spares the question before the receive; one who waits for an answer makes them wrong, and is soon not guessed about any more.
/// </summary>
internal struct ReceiveStreak
{
    private const int MostDoubt = 7;

    /// <summary>By how many wrong guesses must be ahead of right ones to make further ones rare.</summary>
    private const int Doubtful = 4;

    /// <summary>At each so many large pieces there is a guess nevertheless.</summary>
    private const int Seldom = 64;

    private int _doubt;
    private int _pieces;

    /// <summary>Whether the next receive is expected to find something.</summary>
    public bool GoesOn { readonly get; private set; }

    /// <summary>Takes note of a receive: of each that <see cref="GoesOn"/> came before, and of each of <see cref="Pace.LeastBulk"/> or more.</summary>
    /// <param name="received">The number of bytes, or an <see cref="Errno"/>, negated.</param>
    public void Note(nint received)
    {
        if (GoesOn)
        {
            _doubt = received >= 0 ? Math.Max(_doubt - 1, 0) : Math.Min(_doubt + 1, MostDoubt);
        }

        GoesOn = received >= Pace.LeastBulk && (_doubt < Doubtful || ++_pieces % Seldom == 0);
    }

    /// <summary>Something else was received, or the socket has become another one.</summary>
    public void Forget() => this = default;
}
