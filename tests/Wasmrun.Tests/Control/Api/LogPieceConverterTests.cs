using System.Text;
using System.Text.Json;
using CsCheck;
using Wasmrun.Control.Api;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Tests.Control.Api;

public sealed class LogPieceConverterTests
{
    [Fact]
    public void Text_StaysReadable() =>
        Assert.Equal(
            """{"generation":2,"stream":"stderr","text":"süß\nname: "}""",
            Write(new LogPiece(2, GuestStream.Error, "süß\nname: "u8.ToArray())));

    [Fact]
    public void AnyBytes_ComeBackAsTheyWere() =>
        Gen.Select(Gen.Byte.Array, Gen.Bool).Sample((bytes, error) =>
        {
            var piece = new LogPiece(1, error ? GuestStream.Error : GuestStream.Output, bytes);
            var back = JsonSerializer.Deserialize(Write(piece), ControlJson.For<LogPiece>())!;
            return back.Bytes.Span.SequenceEqual(bytes) && back with { Bytes = piece.Bytes } == piece;
        });

    [Fact]
    public void UnknownProperties_AreSkipped()
    {
        var piece = JsonSerializer.Deserialize("""{"new":{"a":[1,2]},"text":"x","generation":3}""", ControlJson.For<LogPiece>())!;
        Assert.Equal(("x", 3), (Encoding.UTF8.GetString(piece.Bytes.Span), piece.Generation));
    }

    private static string Write(LogPiece piece) => JsonSerializer.Serialize(piece, ControlJson.For<LogPiece>());
}
