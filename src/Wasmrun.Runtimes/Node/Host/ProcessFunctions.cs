using System.Text;
using System.Text.Json;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>What <c>process</c>, the console and the timers need: output, clocks, arguments, and the end.</summary>
internal sealed class ProcessFunctions(DrivenGuest guest, NodeProgram program)
{
    private readonly long _started = guest.Time.GetTimestamp();

    /// <summary>Milliseconds since the guest started.</summary>
    public double Now => guest.Time.GetElapsedTime(_started).TotalMilliseconds;

    public void Register(HostTable table)
    {
        table.Add("print", Print);
        table.Add("now", (in HostCall _) => JsValue.From(Now));
        table.Add("exit", (in HostCall call) => throw new GuestExitException(call.Int(0)));
        table.Add("started", (in HostCall _) => JsValue.From((guest.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds - Now));
        table.Add("environment", (in HostCall call) => call.Engine.NewText(EnvironmentText()));
        table.Add("settings", (in HostCall call) => call.Engine.NewText(Settings()));
        table.Add("coreSource", CoreSource);
        table.Add("packageSource", PackageSource);
        table.Add("memory", (in HostCall call) => JsValue.From(call.Engine.MemoryBytes));
        table.Add("cpuTime", (in HostCall _) => JsValue.From(Now));
    }

    private JsValue Print(in HostCall call)
    {
        var stream = call.Int(0) == 2 ? GuestStream.Error : GuestStream.Output;
        if (!call[1].IsString)
        {
            guest.Output.Write(stream, call.Bytes(1));
            return JsValue.Undefined;
        }

        var text = call.Engine.OpenText(call[1], out var length);
        guest.Output.Write(stream, call.Engine.Slice(text, length));
        call.Engine.CloseText(text);
        return JsValue.Undefined;
    }

    private JsValue CoreSource(in HostCall call) =>
        CoreModules.Find(call.Text(0)) is { } source ? call.Engine.NewText(source) : JsValue.Undefined;

    private JsValue PackageSource(in HostCall call) =>
        program.Libraries.Find(call.Text(0)) is { } source ? call.Engine.NewText(source) : JsValue.Undefined;

    private string EnvironmentText()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in guest.Options.Environment)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>What every instance of the service is given.</summary>
    private string Settings()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("main", program.MainPath);
            writer.WriteString("cwd", program.WorkingDirectory);
            writer.WriteStartArray("arguments");
            foreach (var argument in guest.Options.Arguments.Skip(1))
            {
                writer.WriteStringValue(argument);
            }

            writer.WriteEndArray();
            writer.WriteNumber("memoryLimit", guest.Options.Limits.MemoryBytes ?? 4L << 30);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
