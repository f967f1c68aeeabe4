using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Every host function under the name that the core modules call it by; its place is its number.</summary>
/// <param name="beforeLasting">Called before each function that may take its time.</param>
internal sealed class HostTable(Action beforeLasting)
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

    /// <summary>Adds one that may wait for the system, or compute for long.</summary>
    public void AddLasting(string name, HostFunction function) => Add(name, (in HostCall call) =>
    {
        beforeLasting();
        return function(call);
    });
}
