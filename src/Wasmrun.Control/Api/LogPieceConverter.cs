using System.Text.Json;
using System.Text.Json.Serialization;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Control.Api;

/// <summary>A piece of a guest's output as JSON without losing a byte: <c>text</c> when the bytes are UTF-8, <c>base64</c> when they are not.</summary>
public sealed class LogPieceConverter : JsonConverter<LogPiece>
{
    public override void Write(Utf8JsonWriter writer, LogPiece value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("generation"u8, value.Generation);
        GuestBytes.Write(writer, value.Stream, value.Bytes.Span);
        writer.WriteEndObject();
    }

    public override LogPiece Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var piece = new LogPiece(0, GuestStream.Output, ReadOnlyMemory<byte>.Empty);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            piece = ReadProperty(ref reader, piece);
        }

        return piece;
    }

    private static LogPiece ReadProperty(ref Utf8JsonReader reader, LogPiece piece)
    {
        var name = reader.GetString();
        reader.Read();
        switch (name)
        {
            case "generation": return piece with { Generation = reader.GetInt32() };
            case "stream": return piece with { Stream = GuestBytes.ReadStream(ref reader) };
            case "text": return piece with { Bytes = GuestBytes.ReadText(ref reader) };
            case "base64": return piece with { Bytes = reader.GetBytesFromBase64() };
            default:
                reader.Skip();
                return piece;
        }
    }
}
