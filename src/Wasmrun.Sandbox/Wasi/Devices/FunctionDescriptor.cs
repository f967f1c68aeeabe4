using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>A function of the host as an open file: a write is a call with these arguments, reading shows its result from the beginning.</summary>
internal sealed class FunctionDescriptor(DeviceFunction function, long memoryBytes, StopSignal stop, Rights rights, FdFlags flags)
    : Descriptor(FileType.CharacterDevice, Rights.Stream, rights, Rights.None, flags)
{
    private const int MostArgumentBytes = 1 << 20;

    private TextDescriptor? _result;

    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        return _result?.Read(buffers, out count) ?? Errno.None;
    }

    public override unsafe Errno Write(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        nuint length = 0;
        foreach (var buffer in buffers)
        {
            if (buffer.Length > MostArgumentBytes - length)
            {
                return Errno.EMSGSIZE;
            }

            length += buffer.Length;
        }

        var arguments = new byte[length];
        var rest = arguments.AsSpan();
        foreach (var buffer in buffers)
        {
            new ReadOnlySpan<byte>((void*)buffer.Base, (int)buffer.Length).CopyTo(rest);
            rest = rest[(int)buffer.Length..];
        }

        _result = null;
        if (function(arguments, memoryBytes, stop, out var result) is not Errno.None and var error)
        {
            return error;
        }

        _result = new(result, Rights.Read, FdFlags.None);
        count = length;
        return Errno.None;
    }
}
