using System.Diagnostics;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// Decides for one poll set whether a wait begins with looking at it again and again, before the thread sleeps. Falling asleep and being woken can take longer than a peer on the same
/// machine takes to ask anew, in a virtual machine several times as long. So a set of which one member became ready soon, several times in a row, is looked at, for about as long as a sleep
/// takes, and that goes on if the waits are shorter for it. Where they are not, as when the peer needs the very processor, the set is left alone, for longer each time. Of all threads of the
/// process, half as many look at once as there are processors.
/// </summary>
internal struct BusyPoll
{
    /// <summary>How long a wait looks at most.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMicroseconds(50);

    /// <summary>How long a sleep may have been to count as brief, the waking up included; and for how long a single wait counts at most.</summary>
    private static readonly TimeSpan Brief = TimeSpan.FromMicroseconds(200);

    /// <summary>Brief sleeps in a row after which a set is looked at.</summary>
    private const int Trial = 8;

    /// <summary>Waits after each of which it is seen whether they were shorter.</summary>
    private const int Proof = 16;

    /// <summary>Proofs after which the sleeps are tried again: who finds one member does not see that it would have found several together a little later.</summary>
    private const int Tenure = 64;

    /// <summary>
    /// What part of the shortest of the brief sleeps a wait may take, on average: where processors are short of time, sleeps are of any length. Where waking up is cheap, as it is
    /// when an idle processor is not given back to the hypervisor at once, waits that look are a fifth shorter.
    /// </summary>
    private const double Gain = 0.9;

    private const int LeastRest = 8;

    private const int MostRest = 4096;

    private static readonly int Places = Math.Max(1, Environment.ProcessorCount / 2);

    private static int _taken;

    private int _waits;
    private TimeSpan _waited;
    private TimeSpan _shortestSleep;
    private int _proofs;
    private int _rest;
    private int _nextRest;

    /// <summary>Whether the next wait is to begin with looking.</summary>
    public readonly bool IsOn => _proofs > 0;

    /// <summary>Takes one of the places of those who look; false when others have them.</summary>
    public static bool TryTakePlace()
    {
        if (Interlocked.Increment(ref _taken) <= Places)
        {
            return true;
        }

        LeavePlace();
        return false;
    }

    public static void LeavePlace() => Interlocked.Decrement(ref _taken);

    /// <summary>Whether one who began at this time, by <see cref="Stopwatch"/>, is to go on looking.</summary>
    public static bool GoesOn(long start) => Stopwatch.GetElapsedTime(start) < Longest;

    /// <summary>Takes note of a wait.</summary>
    /// <param name="ready">How many members were ready then.</param>
    /// <param name="waited">The whole of it, the sleep after a look in vain included.</param>
    public void Note(int ready, TimeSpan waited)
    {
        if (IsOn)
        {
            NoteLook(waited);
        }
        else if (_rest > 0)
        {
            _rest--;
        }
        else
        {
            NoteSleep(ready, waited);
        }
    }

    private void NoteSleep(int ready, TimeSpan slept)
    {
        if (ready != 1 || slept > Brief)
        {
            _waits = 0;
        }
        else
        {
            _shortestSleep = _waits == 0 || slept < _shortestSleep ? slept : _shortestSleep;
            if (++_waits == Trial)
            {
                (_waits, _proofs) = (0, Tenure);
            }
        }
    }

    private void NoteLook(TimeSpan waited)
    {
        _waited += waited < Brief ? waited : Brief;
        if (++_waits < Proof)
        {
            return;
        }

        var isShorter = _waited < Proof * Gain * _shortestSleep;
        (_waits, _waited) = (0, TimeSpan.Zero);
        _proofs = isShorter ? _proofs - 1 : 0;
        if (!isShorter)
        {
            _rest = _nextRest = Math.Clamp(_nextRest * 2, LeastRest, MostRest);
        }
        else if (_proofs == 0)
        {
            _nextRest = 0;
        }
    }
}
