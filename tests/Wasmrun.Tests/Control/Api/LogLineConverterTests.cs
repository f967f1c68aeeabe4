using System.Text;
using System.Text.Json;
using CsCheck;
using Wasmrun.Control.Api;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Tests.Control.Api;

public sealed class LogLineConverterTests
{
    private static readonly DateTimeOffset s_time = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Fact]
    public void Text_StaysReadable() =>
        Assert.Equal(
            """{"time":"2026-01-02T03:04:05.678+00:00","service":"web","instance":"web-1","generation":2,"stream":"stderr","text":"süß <b> \"x\""}""",
            Write(new LogLine(s_time, "web", "web-1", 2, GuestStream.Error, "süß <b> \"x\""u8.ToArray(), Terminated: true)));

    [Fact]
    public void BytesThatAreNoText_TravelAsBase64() =>
        Assert.EndsWith(
            "\"base64\":\"/wA=\",\"unterminated\":true}",
            Write(new LogLine(s_time, "web", "web-1", 2, GuestStream.Output, new byte[] { 0xFF, 0 }, Terminated: false)),
            StringComparison.Ordinal);

    [Fact]
    public void AnyBytes_ComeBackAsTheyWere() =>
        Gen.Select(Gen.Byte.Array, Gen.Bool, Gen.Bool).Sample((bytes, terminated, error) =>
        {
            var line = new LogLine(s_time, "web", "web-1", 1, error ? GuestStream.Error : GuestStream.Output, bytes, terminated);
            var back = JsonSerializer.Deserialize(Write(line), ControlJson.For<LogLine>())!;
            return back.Bytes.Span.SequenceEqual(bytes) && back with { Bytes = line.Bytes } == line;
        });

    [Fact]
    public void UnknownProperties_AreSkipped()
    {
        var line = JsonSerializer.Deserialize("""{"new":{"a":[1,2]},"text":"x","service":"web"}""", ControlJson.For<LogLine>())!;
        Assert.Equal("x", Encoding.UTF8.GetString(line.Bytes.Span));
        Assert.Equal("web", line.Service);
    }

    private static string Write(LogLine line) => JsonSerializer.Serialize(line, ControlJson.For<LogLine>());
}
