using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// A guest's standard output or standard error. It calls itself a character device so that C libraries hand every line on
/// when it is complete: a service's log is read while it runs, and a full buffer would come too late.
/// </summary>
internal sealed unsafe class OutputDescriptor(IGuestOutput output, GuestStream stream, StopSignal stop)
    : Descriptor(FileType.CharacterDevice, Rights.Stream, Rights.Stream & ~Rights.Read, Rights.None, FdFlags.Append)
{
    public override Errno Write(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        foreach (var buffer in buffers)
        {
            stop.ThrowIfRequested();
            if (buffer.Length > 0)
            {
                output.Write(stream, new ReadOnlySpan<byte>((void*)buffer.Base, (int)buffer.Length));
                count += buffer.Length;
            }
        }

        return Errno.None;
    }
}
