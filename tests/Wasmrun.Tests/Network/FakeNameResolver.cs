using System.Net;
using Wasmrun.Network.Egress;

namespace Wasmrun.Tests.Network;

/// <summary>A resolver that knows what it is told, and counts the questions.</summary>
internal sealed class FakeNameResolver : INameResolver
{
    private readonly Dictionary<string, IPAddress[]> _names = new(StringComparer.Ordinal);

    /// <summary>When set, questions are not answered before it completes.</summary>
    public TaskCompletionSource? Silence { get; init; }

    /// <summary>Whether no name is one that can be asked for.</summary>
    public bool RefusesNames { get; init; }

    public List<string> Asked { get; } = [];

    public string[] this[string name]
    {
        set => _names[name] = [.. value.Select(IPAddress.Parse)];
    }

    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken token)
    {
        lock (Asked)
        {
            Asked.Add(name);
        }

        if (Silence is not null)
        {
            await Silence.Task;
        }

        return RefusesNames ? throw new ArgumentException("no name", nameof(name)) : _names.GetValueOrDefault(name) ?? [];
    }
}
