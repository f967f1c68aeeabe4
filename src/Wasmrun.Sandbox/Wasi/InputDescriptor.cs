using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// A guest's standard input: a descriptor of the host that is waited for together with the instance's stop, or nothing,
/// which is at its end from the start. The host's descriptor is not closed here.
/// </summary>
/// <param name="fd">A kernel descriptor, or null.</param>
internal sealed class InputDescriptor(int? fd, StopSignal stop)
    : Descriptor(TypeOf(fd), Rights.Stream, Rights.Stream & ~Rights.Write, Rights.None, FdFlags.None)
{
    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        if (fd is not { } source || IoVector.Total(buffers) == 0)
        {
            return Errno.None;
        }

        // Whether the host's descriptor blocks is the host's business, so it is only read once there is something.
        var wait = stop.Wait(source, PollEvents.Read, IsNonBlocking ? 0 : -1);
        return wait switch
        {
            Errno.None => HostTransfer.ReadOnce(source, buffers, out count),
            Errno.ETIMEDOUT => Errno.EAGAIN,
            _ => wait,
        };
    }

    public override void AddTo(PollSet set, PollEvents events)
    {
        if (fd is { } source && events == PollEvents.Read)
        {
            _ = set.Add(source, events);
        }
    }

    public override Readiness Ready(PollSet set, int first, PollEvents events)
    {
        if (fd is not { } source || events != PollEvents.Read)
        {
            return new(events | PollEvents.HangUp, 0);
        }

        var found = set.Ready(first);
        return new(found, found == PollEvents.None ? 0 : HostTransfer.Available(source));
    }

    private static FileType TypeOf(int? fd) =>
        fd is { } source && HostTransfer.GetStatus(source, out var status) == Errno.None ? status.Type : FileType.Unknown;
}
