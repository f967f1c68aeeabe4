namespace Wasmrun.Control.Server;

/// <summary>How far the reader of a stream is: whether it has taken what there was, and for how long nothing has moved.</summary>
internal sealed class StreamProgress(TimeProvider time)
{
    private volatile bool _isWriting;
    private long _moved = time.GetTimestamp();

    /// <summary>Whether all that could be sent was taken.</summary>
    internal bool HasCaughtUp => !_isWriting;

    /// <summary>For how long neither was anything taken nor was there more to send.</summary>
    internal TimeSpan Silence => time.GetElapsedTime(Volatile.Read(ref _moved));

    /// <summary>There is more to send.</summary>
    internal void Move() => Volatile.Write(ref _moved, time.GetTimestamp());

    /// <summary>From now on the reader has something to take.</summary>
    internal void BeginWriting() => _isWriting = true;

    /// <summary>It has taken it, or room for it was found.</summary>
    internal void EndWriting()
    {
        Move();
        _isWriting = false;
    }
}
