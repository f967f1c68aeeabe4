using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>The functions of the core modules that the host calls.</summary>
internal sealed class Callbacks
{
    private readonly Dictionary<string, JsValue> _functions = new(StringComparer.Ordinal);

    public JsValue this[string name] => _functions[name];

    public void Register(HostTable table) => table.Add("on", (in HostCall call) =>
    {
        _functions[call.Text(0)] = call.Engine.Duplicate(call[1]);
        return JsValue.Undefined;
    });
}
