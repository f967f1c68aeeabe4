using System.IO.Pipelines;
using System.Text;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;

namespace Wasmrun.Tests.Control.Client;

public sealed class JsonLinesTests
{
    private const int Bound = 1000;
    private readonly Pipe _pipe = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Value_ArrivesWithItsLineFeed_HoweverItIsCut()
    {
        await using var values = Read().GetAsyncEnumerator(Token);
        await SendAsync("""{"type":"a","title":"t","status":1,""");
        var first = values.MoveNextAsync();
        Assert.False(first.IsCompleted);
        await SendAsync("\"detail\":\"d\"}\n{\"type\":\"b\"");
        Assert.True(await first);
        Assert.Equal(new Problem("a", "t", 1, "d"), values.Current);
    }

    [Fact]
    public async Task Stream_EndsBetweenLines()
    {
        await SendAsync("""{"type":"a","title":"t","status":1,"detail":"d"}""" + "\n");
        await _pipe.Writer.CompleteAsync();
        Assert.Single(await Read().ToListAsync(Token));
    }

    [Fact]
    public async Task Rejects_EndWithinALine()
    {
        await SendAsync("{\"type\"");
        await _pipe.Writer.CompleteAsync();
        await Assert.ThrowsAsync<InvalidDataException>(async () => await Read().ToListAsync(Token));
    }

    [Fact]
    public async Task Rejects_LineBeyondTheBound()
    {
        await SendAsync(new string('x', Bound + 1));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await Read().ToListAsync(Token));
    }

    private IAsyncEnumerable<Problem> Read() => JsonLines.ReadAsync(_pipe.Reader.AsStream(), ControlJson.For<Problem>(), Bound, Token);

    private async Task SendAsync(string text) => await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(text), Token);
}
