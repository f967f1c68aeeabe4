using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Logs;

/// <summary>
/// A log record as one line of JSON: <c>{"n":7,"t":"2026-01-31T12:00:00.1234567+00:00","g":1,"s":"out","d":"text"}</c>.
/// Bytes that are not UTF-8 stand as base64 in <c>b</c> in place of <c>d</c>; an end mark has <c>"end":true</c>.
/// </summary>
internal static class LogRecordFormat
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A writer for <see cref="Write"/>, to be kept, so that a record costs no allocation.</summary>
    public static Utf8JsonWriter CreateWriter(IBufferWriter<byte> buffer) => new(buffer, s_options);

    /// <summary>Appends the record and a line feed to the buffer of the writer.</summary>
    public static void Write(Utf8JsonWriter writer, ArrayBufferWriter<byte> buffer, LogRecord entry)
    {
        writer.Reset(buffer);
        writer.WriteStartObject();
        writer.WriteNumber("n"u8, entry.Sequence);
        writer.WriteString("t"u8, entry.Time);
        writer.WriteNumber("g"u8, entry.Generation);
        if (entry.IsEnd)
        {
            writer.WriteBoolean("end"u8, value: true);
        }
        else
        {
            writer.WriteString("s"u8, entry.Stream == GuestStream.Error ? "err"u8 : "out"u8);
            if (Utf8.IsValid(entry.Bytes.Span))
            {
                writer.WriteString("d"u8, entry.Bytes.Span);
            }
            else
            {
                writer.WriteBase64String("b"u8, entry.Bytes.Span);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        buffer.Write("\n"u8);
    }

    /// <summary>Reads one line, without its line feed; null when it is not a record, such as the torn last line of a killed runner.</summary>
    public static LogRecord? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            return Read(ref reader);
        }
        catch (Exception damaged) when (damaged is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static LogRecord Read(ref Utf8JsonReader reader)
    {
        long sequence = 0;
        DateTimeOffset time = default;
        var generation = 0;
        var stream = GuestStream.Output;
        byte[] bytes = [];
        var isEnd = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan[0];
            var isEndMark = reader.ValueTextEquals("end"u8);
            reader.Read();
            switch (name)
            {
                case (byte)'n':
                    sequence = reader.GetInt64();
                    break;
                case (byte)'t':
                    time = reader.GetDateTimeOffset();
                    break;
                case (byte)'g':
                    generation = reader.GetInt32();
                    break;
                case (byte)'s':
                    stream = reader.ValueTextEquals("err"u8) ? GuestStream.Error : GuestStream.Output;
                    break;
                case (byte)'d':
                    bytes = ReadText(ref reader);
                    break;
                case (byte)'b':
                    bytes = reader.GetBytesFromBase64();
                    break;
                default:
                    isEnd |= isEndMark && reader.GetBoolean();
                    break;
            }
        }

        return reader.TokenType == JsonTokenType.EndObject && sequence > 0
            ? new(sequence, time, generation, stream, bytes, isEnd)
            : throw new JsonException("not a log record");
    }

    private static byte[] ReadText(ref Utf8JsonReader reader)
    {
        var buffer = new byte[reader.ValueSpan.Length];
        var length = reader.CopyString(buffer);
        return length == buffer.Length ? buffer : buffer[..length];
    }
}
