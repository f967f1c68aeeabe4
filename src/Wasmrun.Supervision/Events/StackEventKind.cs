namespace Wasmrun.Supervision.Events;

/// <summary>What kinds of things happen to a stack. <c>events --json</c> writes them in lower case with underscores.</summary>
public enum StackEventKind
{
    /// <summary>The service is known to the runner from now on.</summary>
    Created,

    /// <summary>The service waits for what it depends on.</summary>
    Waiting,

    /// <summary>An instance is being made.</summary>
    Starting,

    /// <summary>An instance runs.</summary>
    Started,

    /// <summary>The guest listens on a port; attributes <c>port</c>, <c>protocol</c>.</summary>
    Listening,

    /// <summary>The guest stopped listening on a port; attributes <c>port</c>, <c>protocol</c>.</summary>
    StoppedListening,

    /// <summary>Forwards lead to ports that the guest does not listen on.</summary>
    NotListening,

    /// <summary>The service became healthy.</summary>
    Healthy,

    /// <summary>The service was healthy and no longer is.</summary>
    Unhealthy,

    /// <summary>An instance ended; attribute <c>exitCode</c>, and <c>trap</c> when it trapped.</summary>
    Exited,

    /// <summary>The next instance follows after a delay; attributes <c>delay</c> (milliseconds), <c>attempt</c>.</summary>
    Restarting,

    /// <summary>The next instance warms up beside the one that serves.</summary>
    Swapping,

    /// <summary>The next instance serves from now on; the former one takes no new clients.</summary>
    Swapped,

    /// <summary>The next instance did not come up, and the former one serves on; the cause says why.</summary>
    SwapFailed,

    /// <summary>The former instance of a swap has ended.</summary>
    Drained,

    /// <summary>The instance was told to stop.</summary>
    Stopping,

    /// <summary>The service stopped because somebody asked for it.</summary>
    Stopped,

    /// <summary>The service is given up; the cause says why.</summary>
    Failed,

    /// <summary>What the service depends on will not be as far as it must be; the cause says what became of it.</summary>
    DependencyFailed,

    /// <summary>The service took over new settings without a restart.</summary>
    Updated,

    /// <summary>The service is no longer known to the runner.</summary>
    Removed,

    /// <summary>A forward is bound on the host; attributes <c>address</c>, <c>hostPort</c>, <c>guestPort</c>, <c>protocol</c>.</summary>
    ForwardBound,

    /// <summary>A forward was closed; attributes as of <see cref="ForwardBound"/>.</summary>
    ForwardReleased,

    /// <summary>A host port is taken, so nothing was started; attributes <c>address</c>, <c>hostPort</c>, <c>pid</c>, <c>program</c>.</summary>
    PortConflict,

    /// <summary>Clients waited longer than the service's <c>hold</c> and were closed; attributes <c>hostPort</c>, <c>clients</c>.</summary>
    HoldExpired,

    /// <summary>The guest wanted out and may not; attributes <c>destination</c>, <c>add</c> (the line to add to the manifest).</summary>
    EgressDenied,

    /// <summary>A named volume was made.</summary>
    VolumeCreated,

    /// <summary>A named volume was removed with all that was in it.</summary>
    VolumeRemoved,

    /// <summary>The guest's output can no longer be stored on disk; it is still shown to those who follow it.</summary>
    LogFailed,

    /// <summary>The guest's output is stored on disk again; attribute <c>lostBytes</c>.</summary>
    LogResumed,

    /// <summary>Files are watched from now on; the cause says of whom.</summary>
    Watching,

    /// <summary>Watched files hold something else than before; the cause names them.</summary>
    FilesChanged,

    /// <summary>What a project needs is fetched or installed, or is missing; the cause says what.</summary>
    Preparing,

    /// <summary>Something makes starts slower than they could be; the cause says of whom, and why.</summary>
    Explained,

    /// <summary>The build command of the service, which is the cause, was started.</summary>
    Building,

    /// <summary>The build command ended well; attribute <c>duration</c> (milliseconds).</summary>
    Built,

    /// <summary>The build command did not end well; what runs is what ran before.</summary>
    BuildFailed,

    /// <summary>What changed cannot be used; what runs is what ran before.</summary>
    ReloadFailed,

    /// <summary>An earlier runner of the project was killed, and what it left is cleaned; attribute <c>pid</c>.</summary>
    Recovered,

    /// <summary>The runner could not keep the stack as it is wished, or remember it, and tries again; the cause says why.</summary>
    RunnerFailed,

    /// <summary>The subscriber was too slow, and events were left out for it; attribute <c>missed</c>.</summary>
    EventsMissed,
}
