using Microsoft.Win32.SafeHandles;

namespace Wasmrun.Supervision.Logs;

/// <summary>Reads records from one file of a log, also while it is being written, and after it was rotated away.</summary>
internal sealed class LogSegmentReader : IDisposable
{
    private readonly SafeFileHandle _file;
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private long _offset;

    private LogSegmentReader(SafeFileHandle file) => _file = file;

    /// <summary>Begins at the start of the file.</summary>
    /// <returns>Null when the file was rotated away in the meantime.</returns>
    public static LogSegmentReader? TryOpen(LogSegment segment)
    {
        try
        {
            return new(File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The next whole record; null at the present end of the file. Lines that are no records are passed over.</summary>
    public LogRecord? Read()
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length < 0)
            {
                if (!Fill())
                {
                    return null;
                }

                continue;
            }

            var entry = LogRecordFormat.Read(_buffer.AsSpan(_start, length));
            _start += length + 1;
            if (entry is not null)
            {
                return entry;
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = RandomAccess.Read(_file, _buffer.AsSpan(_end), _offset);
        _end += read;
        _offset += read;
        return read > 0;
    }
}
