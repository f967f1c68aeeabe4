using System.Text;
using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox;

/// <summary>Keeps what a guest prints, and tells when a certain text has come.</summary>
internal sealed class RecordedOutput : IGuestOutput
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private readonly List<(Func<StringBuilder, bool> IsThere, TaskCompletionSource Seen)> _awaited = [];

    public string Text
    {
        get
        {
            lock (_gate)
            {
                return _text.ToString();
            }
        }
    }

    public void Write(GuestStream stream, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _text.Append(Encoding.UTF8.GetString(bytes));
            _awaited.RemoveAll(awaited => awaited.IsThere(_text) && awaited.Seen.TrySetResult());
        }
    }

    public Task Saw(string expected) => When(text => text.ToString().Contains(expected, StringComparison.Ordinal));

    /// <summary>Waits for so many characters, whatever they are.</summary>
    public Task Saw(int characters) => When(text => text.Length >= characters);

    private Task When(Func<StringBuilder, bool> isThere)
    {
        lock (_gate)
        {
            if (isThere(_text))
            {
                return Task.CompletedTask;
            }

            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((isThere, seen));
            return seen.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        }
    }
}
