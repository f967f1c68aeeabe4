using System.Buffers;
using System.Text;
using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Probing;

/// <summary>
/// Whether the guest has printed a line that holds a text. It stands in the way of the guest's output, on the guest's own
/// thread, until it has seen the text, and passes everything on unchanged.
/// </summary>
internal sealed class LogLineProbe(string text, IGuestOutput output) : IProbe, IGuestOutput
{
    /// <summary>A longer line is looked at in pieces.</summary>
    private const int LongestLine = 64 * 1024;

    private readonly byte[] _wanted = Encoding.UTF8.GetBytes(text);
    private readonly ArrayBufferWriter<byte>[] _lines = [new(), new()];
    private volatile bool _isSeen;

    /// <summary>Told once, when the text was seen.</summary>
    public Action? Seen { get; set; }

    public Task<string?> AskAsync(CancellationToken token) => Task.FromResult(_isSeen ? null : $"has not printed '{text}' yet");

    public void Write(GuestStream stream, ReadOnlySpan<byte> bytes)
    {
        output.Write(stream, bytes);
        if (!_isSeen && Holds(_lines[stream == GuestStream.Output ? 0 : 1], bytes))
        {
            _isSeen = true;
            Seen?.Invoke();
        }
    }

    public bool HasRoom(int bytes) => output.HasRoom(bytes);

    private bool Holds(ArrayBufferWriter<byte> line, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            line.Write(end < 0 ? bytes : bytes[..end]);
            if (line.WrittenSpan.IndexOf(_wanted) >= 0)
            {
                return true;
            }

            if (end < 0)
            {
                // What begins in this piece may end in the next.
                if (line.WrittenCount > LongestLine)
                {
                    line.ResetWrittenCount();
                }

                return false;
            }

            line.ResetWrittenCount();
            bytes = bytes[(end + 1)..];
        }

        return false;
    }
}
