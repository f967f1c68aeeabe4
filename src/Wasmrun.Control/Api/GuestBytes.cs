using System.Text.Json;
using System.Text.Unicode;
using Wasmrun.Sandbox;

namespace Wasmrun.Control.Api;

/// <summary>What a guest wrote, and to which stream, as properties in JSON: <c>text</c> when the bytes are UTF-8, <c>base64</c> when they are not.</summary>
internal static class GuestBytes
{
    private const string OutputName = "stdout";
    private const string ErrorName = "stderr";

    internal static void Write(Utf8JsonWriter writer, GuestStream stream, ReadOnlySpan<byte> bytes)
    {
        writer.WriteString("stream"u8, stream == GuestStream.Output ? OutputName : ErrorName);
        if (Utf8.IsValid(bytes))
        {
            writer.WriteString("text"u8, bytes);
        }
        else
        {
            writer.WriteBase64String("base64"u8, bytes);
        }
    }

    internal static GuestStream ReadStream(ref Utf8JsonReader reader) => reader.ValueTextEquals(ErrorName) ? GuestStream.Error : GuestStream.Output;

    internal static ReadOnlyMemory<byte> ReadText(ref Utf8JsonReader reader)
    {
        var length = reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length;
        var buffer = new byte[length];
        return buffer.AsMemory(0, reader.CopyString(buffer));
    }
}
