using System.Text;
using Wasmrun.Sandbox;

namespace Wasmrun.Conformance;

/// <summary>Keeps what a test prints, stream by stream.</summary>
internal sealed class CapturedOutput : IGuestOutput
{
    private readonly List<byte> _output = [];
    private readonly List<byte> _error = [];

    public string Output => Encoding.UTF8.GetString(_output.ToArray());

    public string Error => Encoding.UTF8.GetString(_error.ToArray());

    public void Write(GuestStream stream, ReadOnlySpan<byte> bytes) => (stream == GuestStream.Output ? _output : _error).AddRange(bytes);
}
