using System.Globalization;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Rendering;

/// <summary>Where a forward can be reached, once for people (<c>http://localhost:8080</c>) and once for <c>ps</c>.</summary>
internal sealed record Reachability(string Host, int HostPort, int GuestPort, string Protocol)
{
    private const string Every4 = "0.0.0.0";
    private const string Every6 = "[::]";

    /// <summary>Ports that browsers and HTTP servers use by custom; the manifest does not say what a service speaks.</summary>
    private static readonly HashSet<int> _http = [80, 3000, 3001, 4000, 4200, 5000, 5173, 8000, 8080, 8081, 8082, 8083, 8088, 8090, 8888, 9000];

    /// <summary>Ports of well-known services that do not speak HTTP: one of them on either side settles it.</summary>
    private static readonly HashSet<int> _other =
        [21, 22, 25, 53, 110, 143, 389, 465, 587, 636, 993, 995, 1433, 1521, 1883, 2181, 3306, 4222, 5432, 5672, 6379, 6380, 8883, 9042, 9092, 11211, 27017];

    /// <summary>One entry per forward; the two loopback addresses and the two addresses for all are one place each.</summary>
    internal static IReadOnlyList<Reachability> Of(IEnumerable<Publisher> publishers) =>
    [
        .. publishers
            .GroupBy(publisher => (publisher.TargetPort, publisher.PublishedPort, publisher.Protocol))
            .SelectMany(group => group
                .GroupBy(publisher => HostOf(publisher.Url, group), StringComparer.Ordinal)
                .Select(host => new Reachability(host.Key, group.Key.PublishedPort, group.Key.TargetPort, group.Key.Protocol)))
            .OrderBy(place => place.GuestPort)
            .ThenBy(place => place.HostPort),
    ];

    /// <summary><c>http://localhost:8080 -> 3000</c> where HTTP is likely, <c>localhost:6379 -> 6379</c> elsewhere.</summary>
    internal string ForPeople()
    {
        var host = Host switch
        {
            Every4 => "localhost",
            Every6 => "[::1]",
            _ => Host,
        };
        var address = string.Create(CultureInfo.InvariantCulture, $"{host}:{HostPort}");
        var shown = SpeaksHttp() ? $"http://{address}" : address;
        var suffix = string.Equals(Protocol, "tcp", StringComparison.Ordinal) ? string.Empty : $"/{Protocol}";
        var scope = Host switch
        {
            Every4 => " (all addresses of this machine)",
            Every6 => " (all IPv6 addresses of this machine)",
            _ => string.Empty,
        };
        return string.Create(CultureInfo.InvariantCulture, $"{shown}{suffix} -> {GuestPort}{scope}");
    }

    /// <summary><c>localhost:8080->3000/tcp</c>.</summary>
    internal string ForTable() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{HostPort}->{GuestPort}/{Protocol}");

    private static string HostOf(string address, IEnumerable<Publisher> together) => address switch
    {
        "127.0.0.1" => "localhost",
        "::1" when together.Any(other => other.Url is "127.0.0.1") => "localhost",
        "::" when together.Any(other => other.Url is Every4) => Every4,
        _ when address.Contains(':', StringComparison.Ordinal) => $"[{address}]",
        _ => address,
    };

    private bool SpeaksHttp() =>
        string.Equals(Protocol, "tcp", StringComparison.Ordinal) &&
        !_other.Contains(HostPort) && !_other.Contains(GuestPort) &&
        (_http.Contains(HostPort) || _http.Contains(GuestPort));
}
