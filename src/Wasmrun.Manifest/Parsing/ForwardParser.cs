using System.Net;
using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Parsing;

/// <summary>
/// Reads <c>[ADDRESS:][HOST:]GUEST[/tcp|/udp]</c>, the one notation of a forward that the manifest, the settings file and
/// <c>--forward</c> share.
/// </summary>
public static class ForwardParser
{
    /// <summary>The forwards that the text stands for, ranges expanded; none, and the reason, when it cannot be read.</summary>
    public static ForwardParseResult Parse(string text, SourceLocation location)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(location);
        var diagnostics = new DiagnosticBag();
        var forward = Parse(text, location, diagnostics);
        return new ForwardParseResult(forward?.Expand() ?? [], diagnostics.Items);
    }

    internal static ForwardRange? Parse(string text, SourceLocation location, DiagnosticBag diagnostics)
    {
        var builder = new ForwardBuilder(text, location, diagnostics);
        var rest = text;
        var protocol = "tcp";
        var slash = text.LastIndexOf('/');
        if (slash >= 0)
        {
            (rest, protocol) = (text[..slash], text[(slash + 1)..]);
        }

        return Split(rest) is { } parts
            ? builder.Build(parts.Address, parts.Host, parts.Guest, protocol)
            : builder.Malformed(Remedy(rest));
    }

    /// <summary>Address and host are null when they are not written.</summary>
    private static (string? Address, string? Host, string Guest)? Split(string text)
    {
        if (text.StartsWith('['))
        {
            var close = text.IndexOf("]:", StringComparison.Ordinal);
            var ports = close < 2 ? [] : text[(close + 2)..].Split(':');
            return ports.Length switch
            {
                1 => (text[1..close], null, ports[0]),
                2 => (text[1..close], ports[0], ports[1]),
                _ => null,
            };
        }

        return text.Split(':') switch
        {
            [var guest] => (null, null, guest),
            [var first, var guest] when first.Contains('.', StringComparison.Ordinal) || IsLocalhost(first) => (first, null, guest),
            [var host, var guest] => (null, host, guest),
            [var address, var host, var guest] => (address, host, guest),
            _ => null,
        };
    }

    private static bool IsLocalhost(string text) => string.Equals(text, "localhost", StringComparison.OrdinalIgnoreCase);

    private static string Remedy(string text)
    {
        var guest = text.LastIndexOf(':');
        var host = guest > 0 ? text.LastIndexOf(':', guest - 1) : -1;
        foreach (var end in new[] { host, guest })
        {
            if (end > 0 && !text.StartsWith('[') && IPAddress.TryParse(text[..end], out _))
            {
                return $"put the IPv6 address in brackets: '[{text[..end]}]{text[end..]}'";
            }
        }

        return ForwardBuilder.Notation;
    }
}
