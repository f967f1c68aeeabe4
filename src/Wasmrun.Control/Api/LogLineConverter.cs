using System.Text.Json;
using System.Text.Json.Serialization;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Control.Api;

/// <summary>
/// A guest's line as JSON without losing a byte: <c>text</c> when the bytes are UTF-8, <c>base64</c> when they are not, and
/// <c>unterminated</c> when the guest did not end the line.
/// </summary>
public sealed class LogLineConverter : JsonConverter<LogLine>
{
    public override void Write(Utf8JsonWriter writer, LogLine value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("time"u8, value.Time);
        writer.WriteString("service"u8, value.Service);
        writer.WriteString("instance"u8, value.Instance);
        writer.WriteNumber("generation"u8, value.Generation);
        GuestBytes.Write(writer, value.Stream, value.Bytes.Span);
        if (!value.Terminated)
        {
            writer.WriteBoolean("unterminated"u8, true);
        }

        writer.WriteEndObject();
    }

    public override LogLine Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var line = new LogLine(default, string.Empty, string.Empty, 0, GuestStream.Output, ReadOnlyMemory<byte>.Empty, Terminated: true);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            line = ReadProperty(ref reader, line);
        }

        return line;
    }

    private static LogLine ReadProperty(ref Utf8JsonReader reader, LogLine line)
    {
        var name = reader.GetString();
        reader.Read();
        switch (name)
        {
            case "time": return line with { Time = reader.GetDateTimeOffset() };
            case "service": return line with { Service = reader.GetString()! };
            case "instance": return line with { Instance = reader.GetString()! };
            case "generation": return line with { Generation = reader.GetInt32() };
            case "stream": return line with { Stream = GuestBytes.ReadStream(ref reader) };
            case "text": return line with { Bytes = GuestBytes.ReadText(ref reader) };
            case "base64": return line with { Bytes = reader.GetBytesFromBase64() };
            case "unterminated": return line with { Terminated = !reader.GetBoolean() };
            default:
                reader.Skip();
                return line;
        }
    }
}
