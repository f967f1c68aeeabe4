using Wasmrun.Supervision.Logs;

namespace Wasmrun.Tests.Supervision.Logs;

/// <summary>A reader that takes lines when the test tells it to, and never more.</summary>
internal sealed class Reading(IAsyncEnumerable<LogLine> lines, CancellationToken token) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<LogLine> _lines = lines.GetAsyncEnumerator(token);

    public List<LogLine> Taken { get; } = [];

    public async Task<IReadOnlyList<LogLine>> TakeAsync(int count)
    {
        for (var taken = 0; taken < count; taken++)
        {
            Assert.True(await _lines.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), token), "the log ended early");
            Taken.Add(_lines.Current);
        }

        return Taken[^count..];
    }

    public async Task ExpectEndAsync() => Assert.False(await _lines.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), token));

    public ValueTask DisposeAsync() => _lines.DisposeAsync();
}
