using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>A function of the host as an open file: a write is a call with these arguments, reading takes its result away, of which nothing stays here.</summary>
internal sealed unsafe class FunctionDescriptor(DeviceFunction function, long memoryBytes, StopSignal stop, Rights rights, FdFlags flags)
    : Descriptor(FileType.CharacterDevice, Rights.Stream, rights, Rights.None, flags)
{
    private const int MostArgumentBytes = 1 << 20;

    private byte[] _result = [];
    private int _read;

    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        foreach (var buffer in buffers)
        {
            var length = (int)Math.Min(buffer.Length, (nuint)(_result.Length - _read));
            _result.AsSpan(_read, length).CopyTo(new((void*)buffer.Base, length));
            _read += length;
            count += (nuint)length;
        }

        if (_read == _result.Length)
        {
            (_result, _read) = ([], 0);
        }

        return Errno.None;
    }

    public override Errno Write(ReadOnlySpan<IoVector> buffers, out nuint count)
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

        (_result, _read) = ([], 0);
        if (function(arguments, memoryBytes, stop, out var result) is not Errno.None and var error)
        {
            return error;
        }

        _result = result;
        count = length;
        return Errno.None;
    }
}
