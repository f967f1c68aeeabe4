using Wasmrun.Runtimes.Node.Baking;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>The environment as packages see it that are loaded before the instance is known: they get what they ask for, and it is remembered.</summary>
internal sealed class EnvironmentFunctions(DrivenGuest guest)
{
    /// <summary>Who remembers.</summary>
    public LoadRecorder? Recorder { get; set; }

    public void Register(HostTable table)
    {
        table.Add("environmentValue", (in HostCall call) =>
        {
            var name = call.Text(0);
            var value = guest.Options.Environment.TryGetValue(name, out var found) ? found : null;
            Recorder?.ReadVariable(name, value);
            return value is null ? JsValue.Undefined : call.Engine.NewText(value);
        });
        table.Add("environmentNames", (in HostCall call) =>
        {
            Recorder?.ReadNames();
            return call.Engine.NewText(string.Join('\0', guest.Options.Environment.Keys));
        });
        table.Add("hostName", (in HostCall call) =>
        {
            Recorder?.ReadHostName();
            return call.Engine.NewText(guest.Network.Service.Name);
        });
        table.Add("changeEnvironment", (in HostCall _) => JsValue.Undefined);
    }
}
