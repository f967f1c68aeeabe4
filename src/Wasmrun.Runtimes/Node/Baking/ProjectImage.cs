using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>
/// The engine with the packages loaded that a project begins with. The first instance that loads them leaves it behind; it is used for as long
/// as everything is the same that they have looked at.
/// </summary>
/// <param name="path">Where it is kept on disk.</param>
/// <param name="tell">Told when instances cannot begin from it, and why.</param>
internal sealed class ProjectImage(string path, TimeProvider time, Action<string> tell)
{
    /// <summary>What was touched in this time may be touched again without a trace: clocks of file systems are coarse.</summary>
    private const long SettledMilliseconds = 100;

    private readonly Lock _gate = new();
    private EngineImage? _image;
    private QuickCheck? _check;
    private bool _wasLookedFor;
    private string? _told;
    private (IReadOnlyList<LeadingRequest> Requests, int Count) _limit = ([], int.MaxValue);

    private string CheckPath => $"{path}.check";

    /// <summary>The image that an instance can begin from now.</summary>
    public EngineImage? Find(IReadOnlyList<LeadingRequest> requests, DrivenGuest guest)
    {
        EngineImage? image;
        QuickCheck? check;
        lock (_gate)
        {
            if (!_wasLookedFor)
            {
                _wasLookedFor = true;
                _image = ImageFile.Read(path, time);
                _check = _image?.Files is { } kept ? QuickCheck.Read(CheckPath, kept) : null;
            }

            image = _image;
            check = _check;
        }

        if (image is not { Facts: { } facts, Files: { } found } || !facts.Fit(requests) || !facts.AreTrueOf(guest.Options.Environment, guest.Network.Service.Name))
        {
            return null;
        }

        if (check?.IsTrue(guest.Files) == true)
        {
            return image;
        }

        check = MakeCheck(found, guest.Files);
        if (!found.AreTrue(guest.Files))
        {
            return null;
        }

        Keep(image, check);
        return image;
    }

    /// <summary>How many of the packages can be loaded for all instances at once, as far as is known.</summary>
    public int Most(IReadOnlyList<LeadingRequest> requests)
    {
        lock (_gate)
        {
            return _limit.Requests.SequenceEqual(requests) ? Math.Min(_limit.Count, requests.Count) : requests.Count;
        }
    }

    /// <summary>Keeps what an instance has left behind for others.</summary>
    public void Keep(EngineImage image, GuestFiles files)
    {
        lock (_gate)
        {
            _image = image;
            _check = null;
        }

        if (image.Facts is { HoldsValues: false })
        {
            ImageFile.Write(path, image);
        }

        if (image.Files is { } found && MakeCheck(found, files) is var check && found.AreTrue(files))
        {
            Keep(image, check);
        }
    }

    /// <summary>Only so many of the packages can be loaded for all instances at once.</summary>
    /// <param name="reason">What the next one does that every instance has to do itself.</param>
    public void Limit(IReadOnlyList<LeadingRequest> requests, int count, string reason)
    {
        lock (_gate)
        {
            _limit = (requests, count);
        }

        Tell($"'{requests[count].Name}' {reason} while it loads: it and what follows it is loaded anew by every instance");
    }

    /// <summary>Says once why there is no image.</summary>
    public void Tell(string reason)
    {
        lock (_gate)
        {
            if (_told == reason)
            {
                return;
            }

            _told = reason;
        }

        tell(reason);
    }

    /// <summary>To be made before it is known that the facts are true: what is touched from then on, the next look finds out.</summary>
    private QuickCheck? MakeCheck(FileFacts facts, GuestFiles files)
    {
        var settled = time.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromMilliseconds(SettledMilliseconds);
        return facts.All is { } all ? QuickCheck.Make(all, files, (ulong)settled.Ticks * TimeSpan.NanosecondsPerTick) : null;
    }

    private void Keep(EngineImage image, QuickCheck? check)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_image, image))
            {
                return;
            }

            _check = check;
        }

        if (image is { Facts.HoldsValues: false, Files: { } facts })
        {
            check?.Write(CheckPath, facts);
        }
    }
}
