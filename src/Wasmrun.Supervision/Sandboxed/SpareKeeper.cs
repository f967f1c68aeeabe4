using Wasmrun.Runtimes;
using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>
/// Keeps one instance of a service waiting, as long as the service is watched and an instance of it serves. Those that serve offer to make it, and it ends
/// with the last of them.
/// </summary>
internal sealed class SpareKeeper
{
    private readonly Lock _gate = new();
    private readonly List<(object Owner, Func<SpareInstance> Make)> _offers = [];
    private SpareInstance? _spare;
    private Task _ending = Task.CompletedTask;
    private bool _isWanted;

    /// <summary>What is kept now, ready or not.</summary>
    public SpareInstance? Spare
    {
        get
        {
            lock (_gate)
            {
                return _spare;
            }
        }
    }

    /// <summary>Begins or ends to keep one.</summary>
    public void Want(bool isWanted)
    {
        lock (_gate)
        {
            _isWanted = isWanted;
            if (isWanted)
            {
                Fill();
            }
            else
            {
                Drop();
            }
        }
    }

    /// <summary>Lets the keeper make a spare as the owner's program is made, until the owner leaves. The newest offer counts.</summary>
    public void Offer(object owner, Func<SpareInstance> make)
    {
        lock (_gate)
        {
            _offers.Add((owner, make));
            Renew();
        }
    }

    /// <summary>Takes an offer back, and waits until no spare of it is left when it was the last.</summary>
    public async Task LeaveAsync(object owner)
    {
        Task ending;
        lock (_gate)
        {
            _offers.RemoveAll(offer => ReferenceEquals(offer.Owner, owner));
            if (_offers.Count == 0)
            {
                Drop();
            }

            ending = _ending;
        }

        await ending;
    }

    /// <summary>Makes the spare anew, because something has changed that it was given.</summary>
    public void Renew()
    {
        lock (_gate)
        {
            Drop();
            Fill();
        }
    }

    /// <summary>Hands out the spare, if there is one that is what an instance made now would be. It is the caller's from then on.</summary>
    public SpareInstance? TryTake(GuestProgram program, InstanceLimits limits, IGuestOutput output)
    {
        lock (_gate)
        {
            if (_spare is { } spare && spare.IsOf(program, limits) && spare.TryTake(output, limits))
            {
                _spare = null;
                return spare;
            }

            // The instance that is made instead will offer to make another.
            Drop();
            return null;
        }
    }

    private void Fill()
    {
        if (!_isWanted || _spare is not null || _offers is not [.., var newest])
        {
            return;
        }

        try
        {
            _spare = newest.Make();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The service ends, or the system does not let it; then the next instance starts without.
        }
    }

    private void Drop()
    {
        if (_spare is { } spare)
        {
            _spare = null;
            _ending = Task.WhenAll(_ending, spare.DisposeAsync().AsTask());
        }
    }
}
