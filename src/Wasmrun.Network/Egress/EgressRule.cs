using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Wasmrun.Network.Addresses;

namespace Wasmrun.Network.Egress;

/// <summary>
/// One destination outside the stack that a service may reach: a name, every name below one, every public address, an
/// address, or a block of addresses; with a port or with all of them.
/// </summary>
public sealed record EgressRule
{
    private const string Everything = "*";
    private const string Below = "*.";
    private const int MappedPrefixLength = 96;

    private readonly string _name;
    private readonly IPNetwork? _block;

    private EgressRule(string text, string name, IPNetwork? block, int port)
    {
        Text = text;
        _name = name;
        _block = block;
        Port = port;
    }

    /// <summary>As the manifest has it.</summary>
    public string Text { get; }

    /// <summary>0 stands for every port.</summary>
    public int Port { get; }

    /// <summary>Reads <c>host[:port]</c>, where the host is a name, <c>*.name</c>, <c>*</c>, an address or a CIDR block; IPv6 with a port in brackets.</summary>
    /// <param name="problem">What is wrong with it, to be shown to the user.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out EgressRule? rule, [NotNullWhen(false)] out string? problem)
    {
        rule = null;
        problem = null;
        var (host, portText) = Split(text.Trim());
        var port = 0;
        if (portText is not null && (!int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > ushort.MaxValue))
        {
            problem = $"'{portText}' is not a port; ports are 1 to 65535";
        }
        else if (TryParseBlock(host, out var block))
        {
            rule = new(text, "", block, port);
        }
        else if (string.Equals(host, Everything, StringComparison.Ordinal) || HostName.IsValid(host.StartsWith(Below, StringComparison.Ordinal) ? host[2..] : host))
        {
            rule = new(text, host.TrimEnd('.').ToUpperInvariant(), null, port);
        }
        else
        {
            problem = $"'{host}' is neither a host name, a pattern like *.example.com, an address, nor a block like 10.0.0.0/8";
        }

        return rule is not null;
    }

    /// <summary>Whether it lists every public address, by whatever name or none.</summary>
    internal bool IsEverythingPublic => string.Equals(_name, Everything, StringComparison.Ordinal);

    /// <summary>Whether it lists all addresses there are, whatever their names.</summary>
    internal bool IsEveryAddress => _block is { PrefixLength: 0 };

    /// <summary>Whether a name (without a final dot) may be reached, on whatever port, at the public addresses that it resolves to.</summary>
    internal bool MentionsName(string name) =>
        _block is null
        && (IsEverythingPublic
            || (_name.StartsWith(Below, StringComparison.Ordinal)
                ? name.Length > _name.Length - 1 && name.EndsWith(_name[1..], StringComparison.OrdinalIgnoreCase)
                : name.Equals(_name, StringComparison.OrdinalIgnoreCase)));

    internal bool AllowsPort(int port) => Port == 0 || Port == port;

    /// <summary>Whether it names just this, without a pattern.</summary>
    internal bool IsExactly(string name, int port) => AllowsPort(port) && name.Equals(_name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the address itself is listed, which also holds for addresses that are not public.</summary>
    internal bool AllowsAddress(InetAddress address, int port) => AllowsPort(port) && AllowsAddress(address);

    /// <summary>The same on whatever port.</summary>
    internal bool AllowsAddress(InetAddress address) => _block is { } block && block.Contains(address.Unmapped().ToIPAddress());

    private static (string Host, string? Port) Split(string text)
    {
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            return end > 0 && end + 1 < text.Length && text[end + 1] == ':'
                ? (text[1..end], text[(end + 2)..])
                : (end == text.Length - 1 ? text[1..end] : text, null);
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0 && colon == text.LastIndexOf(':') ? (text[..colon], text[(colon + 1)..]) : (text, null);
    }

    private static bool TryParseBlock(string host, out IPNetwork block)
    {
        if (IPNetwork.TryParse(host, out block))
        {
            block = Unmapped(block);
            return true;
        }

        if (!InetAddress.TryParse(host, out var address))
        {
            return false;
        }

        address = address.Unmapped();
        block = new(address.ToIPAddress(), address.Size * 8);
        return true;
    }

    /// <summary>IPv4 addresses in IPv6's clothes are IPv4: that is how those are compared which a guest connects to.</summary>
    private static IPNetwork Unmapped(IPNetwork block)
    {
        var first = InetAddress.From(block.BaseAddress);
        return first.IsMapped && block.PrefixLength >= MappedPrefixLength
            ? new(first.Unmapped().ToIPAddress(), block.PrefixLength - MappedPrefixLength)
            : block;
    }
}
