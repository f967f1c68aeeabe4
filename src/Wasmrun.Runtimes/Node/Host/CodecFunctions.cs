using System.Buffers.Text;
using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Keys;
using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Strings to bytes and back, in the encodings of <c>Buffer</c>.</summary>
internal static class CodecFunctions
{
    internal enum Coding
    {
        Utf8 = 0,
        Latin1 = 1,
        Base64 = 2,
        Hex = 3,
        Base64Url = 4,
        Utf16 = 5,
        Ascii = 6,
    }

    public static void Register(HostTable table, StopSignal stop)
    {
        table.Add("encode", (in HostCall call) => Encode(call, stop));
        table.Add("decode", Decode);
        table.Add("byteLength", ByteLength);
        table.Add("isUtf8", (in HostCall call) => JsValue.From(System.Text.Unicode.Utf8.IsValid(call.Bytes(0))));
    }

    /// <summary>The bytes of a string as a new array.</summary>
    private static JsValue Encode(in HostCall call, StopSignal stop)
    {
        var coding = (Coding)call.Int(1);
        if (coding is Coding.Utf8 or Coding.Latin1 or Coding.Ascii && call.Engine.TryReadAscii(call[0], out var ascii))
        {
            return call.Engine.NewBytes(call.Engine.PlaceOf(ascii), (uint)ascii.Length);
        }

        if (coding == Coding.Utf8)
        {
            var text = call.Engine.OpenText(call[0], out var length);
            var bytes = IsPlain(call.Engine.Slice(text, length))
                ? call.Engine.NewBytes(text, length)
                : call.Engine.NewBytes(Readable(call.Engine.Slice(text, length)));
            call.Engine.CloseText(text);
            return bytes;
        }

        var value = call.Text(0);
        return call.Engine.NewBytes(coding switch
        {
            Coding.Latin1 or Coding.Ascii => Latin1(value),
            Coding.Base64 or Coding.Base64Url => FromBase64(value, stop),
            Coding.Hex => FromHex(value),
            Coding.Utf16 => Encoding.Unicode.GetBytes(value),
            _ => Encoding.UTF8.GetBytes(value),
        });
    }

    /// <summary>A string of a part of an array.</summary>
    private static JsValue Decode(in HostCall call)
    {
        var all = call.Bytes(0);
        var start = Math.Clamp(call.Count > 2 ? call.Int(2) : 0, 0, all.Length);
        var end = Math.Clamp(call.Count > 3 ? call.Int(3) : all.Length, start, all.Length);
        var bytes = all[start..end];
        return (Coding)call.Int(1) switch
        {
            Coding.Utf8 when Ascii.IsValid(bytes) => call.Engine.NewText(bytes),
            Coding.Latin1 when Ascii.IsValid(bytes) => call.Engine.NewText(bytes),
            Coding.Latin1 => call.Engine.NewText(Encoding.Latin1.GetString(bytes)),
            Coding.Ascii => call.Engine.NewText(Masked(bytes)),
            Coding.Base64 => call.Engine.NewText(Convert.ToBase64String(bytes)),
            Coding.Base64Url => call.Engine.NewText(Base64Url.EncodeToString(bytes)),
            Coding.Hex => call.Engine.NewText(Convert.ToHexStringLower(bytes)),
            Coding.Utf16 => NewUtf16(call.Engine, bytes),
            _ => call.Engine.NewText(Encoding.UTF8.GetString(bytes)),
        };
    }

    private static JsValue ByteLength(in HostCall call)
    {
        if (call.Engine.TryReadAscii(call[0], out var ascii))
        {
            return JsValue.From(ascii.Length);
        }

        var text = call.Engine.OpenText(call[0], out var length);
        call.Engine.CloseText(text);
        return JsValue.From((double)length);
    }

    /// <summary>A copy in which each half of a surrogate pair, three bytes to the engine, is the sign for what is not readable, as in Node.</summary>
    public static byte[] Readable(ReadOnlySpan<byte> text)
    {
        var bytes = text.ToArray();
        for (var index = 0; index + 2 < bytes.Length; index++)
        {
            if (bytes[index] == 0xed && bytes[index + 1] >= 0xa0)
            {
                Encoding.UTF8.GetBytes("\ufffd", bytes.AsSpan(index));
            }
        }

        return bytes;
    }

    /// <summary>Whether no half of a surrogate pair is in there, which the engine writes as three bytes and UTF-8 has not.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> bytes) => !bytes.Contains((byte)0xed) || System.Text.Unicode.Utf8.IsValid(bytes);

    /// <summary>Goes through the engine's own 16-bit strings, so that halves of surrogate pairs survive.</summary>
    private static JsValue NewUtf16(QuickJs engine, ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length / 2;
        var place = engine.Allocate(Math.Max(2, bytes.Length));
        bytes.CopyTo(engine.Slice((uint)place, (uint)bytes.Length));
        var value = engine.Export("JS_NewStringUTF16").WrapFunc<int, int, int, long>()!(engine.Context, place, length);
        engine.Release(place);
        return new(value);
    }

    private static byte[] Latin1(string text)
    {
        var bytes = new byte[text.Length];
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] = (byte)text[index];
        }

        return bytes;
    }

    private static byte[] Masked(ReadOnlySpan<byte> bytes)
    {
        var ascii = bytes.ToArray();
        foreach (ref var value in ascii.AsSpan())
        {
            value &= 0x7f;
        }

        return ascii;
    }

    /// <summary>As forgiving as Node: both alphabets, with and without padding, everything else skipped.</summary>
    private static byte[] FromBase64(string text, StopSignal stop)
    {
        var bytes = new byte[((long)text.Length * 3 / 4) + 3];
        var (count, held, bits) = (0, 0, 0);
        for (var at = 0; at < text.Length; at++)
        {
            if (at % Pieces.Bytes == 0)
            {
                stop.ThrowIfRequested();
            }

            var letter = text[at];
            var value = letter switch
            {
                >= 'A' and <= 'Z' => letter - 'A',
                >= 'a' and <= 'z' => letter - 'a' + 26,
                >= '0' and <= '9' => letter - '0' + 52,
                '+' or '-' => 62,
                '/' or '_' => 63,
                _ => -1,
            };
            if (letter == '=')
            {
                break;
            }

            if (value < 0)
            {
                continue;
            }

            held = ((held << 6) | value) & 0xffffff;
            bits += 6;
            if (bits >= 8)
            {
                bits -= 8;
                bytes[count++] = (byte)(held >> bits);
            }
        }

        return bytes[..count];
    }

    /// <summary>Stops at the first pair that is no number, as Node does.</summary>
    private static byte[] FromHex(string text)
    {
        var bytes = new byte[text.Length / 2];
        _ = Convert.FromHexString(text, bytes, out _, out var count);
        return bytes[..count];
    }
}
