namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>The services that programs look up by name although everyone knows their port.</summary>
internal static class WellKnownPorts
{
    private static readonly Dictionary<string, ushort> _ports = new(StringComparer.Ordinal)
    {
        ["domain"] = 53,
        ["ftp"] = 21,
        ["http"] = 80,
        ["https"] = 443,
        ["imap"] = 143,
        ["imaps"] = 993,
        ["ldap"] = 389,
        ["mysql"] = 3306,
        ["ntp"] = 123,
        ["postgresql"] = 5432,
        ["redis"] = 6379,
        ["smtp"] = 25,
        ["ssh"] = 22,
        ["submission"] = 587,
    };

    public static bool TryGet(ReadOnlySpan<byte> service, out ushort port) =>
        _ports.TryGetValue(System.Text.Encoding.UTF8.GetString(service), out port);
}
