using System.Buffers;
using System.Globalization;
using System.Text;
using Wasmrun.Cli.Terminal;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Cli.Rendering;

/// <summary>
/// Guests' lines as compose shows them: <c>web-1  | line</c>, prefixes aligned, one colour per service. Away from a terminal the
/// guests' bytes are untouched.
/// </summary>
internal sealed class LogRenderer
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _prefixes = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _lineBreak = new();
    private readonly LogStyle _style;
    private readonly Palette _colors;
    private readonly bool _terminal;
    private int _width;

    /// <summary>Takes what is known of the stack when the first line is shown.</summary>
    /// <param name="instances">The instances that are known from the start, with the service of each, in the order that decides their colours.</param>
    internal LogRenderer(IEnumerable<(string Service, string Instance)> instances, LogStyle style, Palette colors, bool terminal)
    {
        _style = style;
        _colors = colors;
        _terminal = terminal;
        foreach (var (service, instance) in instances)
        {
            _numbers.TryAdd(service, _numbers.Count);
            _width = Math.Max(_width, instance.Length);
        }
    }

    /// <summary>Appends the line, line feed included.</summary>
    internal void Render(LogLine line, IBufferWriter<byte> to)
    {
        var prefix = PrefixOf(line);
        to.Write(prefix);
        if (_style.Timestamps)
        {
            WriteTime(line.Time, to);
        }

        if (_terminal)
        {
            _lineBreak.ResetWrittenCount();
            _lineBreak.Write("\n"u8);
            _lineBreak.Write(prefix);
            TerminalText.Append(line.Bytes.Span, _lineBreak.WrittenSpan, to);
        }
        else
        {
            to.Write(line.Bytes.Span);
        }

        to.Write("\n"u8);
    }

    private ReadOnlySpan<byte> PrefixOf(LogLine line)
    {
        if (!_style.Prefix)
        {
            return [];
        }

        if (line.Instance.Length > _width)
        {
            _width = line.Instance.Length;
            _prefixes.Clear();
        }

        if (!_prefixes.TryGetValue(line.Instance, out var prefix))
        {
            if (!_numbers.TryGetValue(line.Service, out var number))
            {
                number = _numbers.Count;
                _numbers.Add(line.Service, number);
            }

            prefix = Encoding.UTF8.GetBytes(_colors.Service(number, line.Instance.PadRight(_width) + "  | "));
            _prefixes.Add(line.Instance, prefix);
        }

        return prefix;
    }

    private static void WriteTime(DateTimeOffset time, IBufferWriter<byte> to)
    {
        const int Length = 28;
        time.UtcDateTime.TryFormat(to.GetSpan(Length), out var written, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z '", CultureInfo.InvariantCulture);
        to.Advance(written);
    }
}
