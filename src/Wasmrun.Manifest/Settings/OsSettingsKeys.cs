using Wasmrun.Manifest.Reading;

namespace Wasmrun.Manifest.Settings;

/// <summary>Every key of the settings file, one table for each section.</summary>
internal static class OsSettingsKeys
{
    public static KeyTable Root { get; } = new("the settings file", ["project", "network", "environment", "watch", "os"]);

    public static KeyTable Project { get; } = new("[project]", ["language", "entrypoint", "command"]);

    public static KeyTable Network { get; } = new("[network]", ["forwards", "egress"]);

    public static KeyTable Watch { get; } = new("[watch]", ["enabled", "ignore"]);

    /// <summary>Where other releases of a tool of this kind keep their forwards.</summary>
    public static KeyTable Os { get; } = new("[os]", ["network"]);

    public static KeyTable OsNetwork { get; } = new("[os.network]", ["forwards"]);
}
