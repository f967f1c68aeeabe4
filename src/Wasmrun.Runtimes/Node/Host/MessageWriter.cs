using System.Buffers.Text;
using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// Puts an HTTP message together in memory that it is given: the head out of the values of JavaScript that it is made of, and the lines that frame a body.
/// </summary>
internal ref struct MessageWriter
{
    /// <summary>The most bytes that <see cref="Begin"/> and <see cref="End"/> write.</summary>
    public const int MostFramingBytes = 64;

    private const int ValuesOfField = 3;
    private const int MostDepth = 32;
    private const int MostParts = 1024;

    private readonly QuickJs _engine;
    private readonly Span<byte> _place;

    public MessageWriter(QuickJs engine, Span<byte> place)
    {
        _engine = engine;
        _place = place;
    }

    /// <summary>How many bytes there are so far.</summary>
    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _place[..Length];

    /// <summary>Writes a text, or a whole number.</summary>
    /// <returns>False when it is neither, or has no room.</returns>
    public bool TryWrite(JsValue value)
    {
        var parts = MostParts;
        return TryWrite(value, MostDepth, ref parts);
    }

    /// <summary>The parts are counted in all: the same ones may be in there any number of times.</summary>
    private bool TryWrite(JsValue value, int depth, ref int parts)
    {
        if (_engine.TryReadAscii(value, out var text))
        {
            return TryWrite(text);
        }

        if (value.IsRope && depth > 0 && parts-- > 0)
        {
            var (left, right) = _engine.PartsOf(value);
            return TryWrite(left, depth - 1, ref parts) && TryWrite(right, depth - 1, ref parts);
        }

        if (!value.IsInt || !Utf8Formatter.TryFormat(value.ToInt32(), _place[Length..], out var digits))
        {
            return false;
        }

        Length += digits;
        return true;
    }

    /// <summary>Begins anew.</summary>
    public void Clear() => Length = 0;

    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.TryCopyTo(_place[Length..]))
        {
            return false;
        }

        Length += bytes.Length;
        return true;
    }

    /// <summary>Writes the fields of a head, which lie in an array: each as a key that is not shown, its name, and its value.</summary>
    public bool TryWriteFields(JsValue fields)
    {
        if (fields.IsNullish)
        {
            return true;
        }

        if (!_engine.TryReadArray(fields, out var values, out var count))
        {
            return false;
        }

        for (var index = 0; index + ValuesOfField <= count; index += ValuesOfField)
        {
            if (!TryWrite(_engine.ElementOf(values, index + 1)) || !TryWrite(": "u8) || !TryWrite(_engine.ElementOf(values, index + 2)) || !TryWrite("\r\n"u8))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes what comes before a body of this length.</summary>
    public void Begin(Framing framing, int length)
    {
        switch (framing)
        {
            case Framing.Counted:
                _ = TryWrite("Content-Length: "u8);
                Write(length, 'D');
                _ = TryWrite("\r\n\r\n"u8);
                break;
            case Framing.Chunk or Framing.LastChunk:
                Write(length, 'x');
                _ = TryWrite("\r\n"u8);
                break;
        }
    }

    /// <summary>Writes what comes after a body.</summary>
    public void End(Framing framing) => _ = framing switch
    {
        Framing.Chunk => TryWrite("\r\n"u8),
        Framing.LastChunk => TryWrite("\r\n0\r\n\r\n"u8),
        _ => true,
    };

    private void Write(int number, char format)
    {
        _ = Utf8Formatter.TryFormat(number, _place[Length..], out var digits, format);
        Length += digits;
    }
}
