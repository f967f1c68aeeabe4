using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Every host function under the name that the core modules call it by; its place is its number.</summary>
internal sealed class HostTable
{
    private readonly List<string> _names = [];
    private readonly List<HostFunction> _functions = [];

    public IReadOnlyList<string> Names => _names;

    public HostFunction[] Functions => [.. _functions];

    public void Add(string name, HostFunction function)
    {
        _names.Add(name);
        _functions.Add(function);
    }
}
