using System.Globalization;

namespace Wasmrun.Cli.Terminal;

/// <summary>Colours for one output, or none: what is asked of it comes back unchanged when the output has no colours.</summary>
internal sealed class Palette(bool enabled)
{
    /// <summary>The colours of services, in the order they are handed out: readable on dark and on light, red left out.</summary>
    private static readonly int[] _services = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

    internal static Palette None { get; } = new(enabled: false);

    internal bool Enabled { get; } = enabled;

    internal string Error(string text) => Wrap("1;31", text);

    internal string Warning(string text) => Wrap("1;33", text);

    internal string Good(string text) => Wrap("32", text);

    internal string Faint(string text) => Wrap("2", text);

    internal string Strong(string text) => Wrap("1", text);

    /// <summary>The colour of the service with this number; the colours repeat after ten.</summary>
    internal string Service(int number, string text) =>
        Wrap(_services[number % _services.Length].ToString(CultureInfo.InvariantCulture), text);

    private string Wrap(string code, string text) => Enabled ? $"\e[{code}m{text}\e[0m" : text;
}
