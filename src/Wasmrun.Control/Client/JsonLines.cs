using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Wasmrun.Control.Client;

/// <summary>Reads a stream of JSON values, one a line, each as soon as its line feed has arrived.</summary>
internal static class JsonLines
{
    /// <summary>How much is read at once when there is much.</summary>
    private const int BufferBytes = 64 * 1024;

    /// <summary>Yields the values until the stream ends.</summary>
    /// <exception cref="InvalidDataException">A line is longer than <paramref name="maxLineBytes"/>, or the stream ends within one.</exception>
    internal static async IAsyncEnumerable<T> ReadAsync<T>(
        Stream stream, JsonTypeInfo<T> contract, int maxLineBytes, [EnumeratorCancellation] CancellationToken token)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BufferBytes, leaveOpen: true));
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(token);
                var buffer = result.Buffer;
                while (TryCutLine(ref buffer, out var line))
                {
                    yield return Parse(line, contract);
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (buffer.Length > maxLineBytes || (result.IsCompleted && !buffer.IsEmpty))
                {
                    throw new InvalidDataException(result.IsCompleted ? "the runner's answer ends within a line" : "a line of the runner's answer is too long");
                }

                if (result.IsCompleted)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static bool TryCutLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static T Parse<T>(ReadOnlySequence<byte> line, JsonTypeInfo<T> contract)
    {
        var reader = new Utf8JsonReader(line);
        return JsonSerializer.Deserialize(ref reader, contract) ?? throw new InvalidDataException("the runner sent an empty line");
    }
}
