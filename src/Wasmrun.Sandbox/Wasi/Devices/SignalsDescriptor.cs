using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Wasi.Sockets;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>
/// The device <c>/net/signals</c>: whoever opens it is asked to end before being stopped, and reads <c>TERM</c> and a line feed once for
/// that, as a process reads its signals from a signalfd of Linux.
/// </summary>
internal sealed unsafe class SignalsDescriptor : Descriptor
{
    private const Rights Readable = Rights.Read | Rights.SetFlags | Rights.GetStatus | Rights.Poll;

    private readonly int _source;
    private readonly StopSignal _stop;

    private SignalsDescriptor(int source, StopSignal stop, Rights rights, FdFlags flags)
        : base(FileType.CharacterDevice, Readable, rights, Rights.None, flags) => (_source, _stop) = (source, stop);

    private static ReadOnlySpan<byte> Text => "TERM\n"u8;

    public static Errno Open(in OpenRequest request, StopSignal stop, out Descriptor? opened)
    {
        opened = null;
        if (stop.Termination.Listen(out var source) is not Errno.None and var error)
        {
            return error;
        }

        opened = new SignalsDescriptor(source, stop, SocketOpener.Granted(request), request.Flags);
        return Errno.None;
    }

    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        if (buffers.IsEmpty || buffers[0].Length < (nuint)Text.Length)
        {
            return Errno.EINVAL;
        }

        while (!_stop.Termination.TryTake())
        {
            if (IsNonBlocking)
            {
                return Errno.EAGAIN;
            }

            if (_stop.Wait(_source, PollEvents.Read, -1) is not Errno.None and var error)
            {
                return error;
            }
        }

        Text.CopyTo(new((void*)buffers[0].Base, Text.Length));
        count = (nuint)Text.Length;
        return Errno.None;
    }

    public override bool IsPolledByKernel => true;

    public override void AddTo(PollSet set, PollEvents events) => _ = set.Add(_source, events & PollEvents.Read);

    public override Readiness Ready(PollSet set, int first, PollEvents events) => SocketDescriptor.Ready(set.Ready(first), events);

    public override ulong CountReadable(Readiness readiness) => (ulong)Text.Length;
}
