using System.Text;
using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>Keeps every piece that a guest prints, in order.</summary>
internal sealed class StreamRecorder : IGuestOutput
{
    private readonly List<(GuestStream Stream, byte[] Bytes)> _pieces = [];

    public IReadOnlyList<GuestStream> Streams => [.. _pieces.Select(piece => piece.Stream)];

    public string Text(GuestStream stream) =>
        Encoding.UTF8.GetString([.. _pieces.Where(piece => piece.Stream == stream).SelectMany(piece => piece.Bytes)]);

    public void Write(GuestStream stream, ReadOnlySpan<byte> bytes) => _pieces.Add((stream, bytes.ToArray()));
}
