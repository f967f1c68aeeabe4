using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>The functions of the core modules that the host calls.</summary>
internal sealed class Callbacks
{
    private readonly Dictionary<string, JsValue> _functions = new(StringComparer.Ordinal);

    public JsValue this[string name] => _functions[name];

    /// <summary>All of them, by their names.</summary>
    public Dictionary<string, long> Take() => _functions.ToDictionary(function => function.Key, function => function.Value.Bits, StringComparer.Ordinal);

    /// <summary>Knows the functions of an engine that was begun from an image.</summary>
    public void Restore(IReadOnlyDictionary<string, long> functions)
    {
        foreach (var (name, bits) in functions)
        {
            _functions[name] = new(bits);
        }
    }

    public void Register(HostTable table) => table.Add("on", (in HostCall call) =>
    {
        _functions[call.Text(0)] = call.Engine.Duplicate(call[1]);
        return JsValue.Undefined;
    });
}
