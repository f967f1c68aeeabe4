using System.Text.Json;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Api;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Rendering.Progress;

/// <summary>Every event as the control API sends it, for programs.</summary>
internal sealed class JsonProgress(Screen screen) : IProgressDisplay
{
    public async Task ShowAsync(IAsyncEnumerable<StackEvent> events)
    {
        await foreach (var happened in events)
        {
            screen.Tell(JsonSerializer.Serialize(happened, ControlJson.For<StackEvent>()));
        }
    }
}
