using System.Globalization;
using System.Text.RegularExpressions;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>Keep-alive requests per second of the same HTTP server: native, in wasmrun behind a forward, and native behind proxies.</summary>
internal static partial class HttpComparison
{
    public static async Task<Table> MeasureAsync(Workplace workplace, Settings settings)
    {
        if (PlacementExtensions.Missing is { } unplaced)
        {
            Console.Error.WriteLine($"servers and clients share the processors, because {unplaced}");
        }

        const Placement Place = Placement.Serving;
        var servers = new List<Server>
        {
            await Server.NativeAsync(workplace, "http", Place),
            await Server.WasmrunAsync(workplace, "http", Place),
            await Server.NativeAgainAsync(workplace, "http", Place),
        };
        if (Workplace.Has("haproxy"))
        {
            servers.Add(await Server.HaproxyAsync(workplace, "http", Place));
        }

        if (Workplace.Has("socat"))
        {
            servers.Add(await Server.SocatAsync(workplace, "http", Place));
        }

        if (BehindNat.Missing is { } reason)
        {
            Console.Error.WriteLine($"without a network namespace behind nftables, because {reason}");
        }
        else
        {
            servers.Add(await Server.NatAsync(workplace, "http", Place));
        }

        var table = new Table(
            "HTTP keep-alive, requests per second (wrk, one thread)",
            ["", .. settings.Connections.SelectMany(connections => new[] { $"{connections} conn.", "to native", "CPU µs/request" })]);
        var rates = servers.ToDictionary(server => server, _ => settings.Connections.ToDictionary(connections => connections, _ => (Rate: new Samples(), Cost: new Samples())));
        foreach (var connections in settings.Connections)
        {
            for (var round = 0; round <= settings.Rounds; round++)
            {
                foreach (var server in servers)
                {
                    var (rate, cost) = await LoadAsync(server, connections, settings.Seconds);
                    if (round > 0)
                    {
                        rates[server][connections].Rate.Add(rate);
                        rates[server][connections].Cost.Add(cost);
                    }
                }
            }
        }

        foreach (var server in servers)
        {
            table.Add([server.Name, .. settings.Connections.SelectMany(connections => Cells(rates[server][connections], rates[servers[0]][connections]))]);
            await server.DisposeAsync();
        }

        return table;
    }

    private static IEnumerable<string> Cells((Samples Rate, Samples Cost) own, (Samples Rate, Samples Cost) native) =>
    [
        own.Rate.Median.ToString("N0", CultureInfo.InvariantCulture),
        own.Rate.RatioTo(native.Rate).ToString("F2", CultureInfo.InvariantCulture),
        own.Cost.Median.ToString("F1", CultureInfo.InvariantCulture),
    ];

    public static async Task<(double Rate, double Cost)> LoadAsync(Server server, int connections, int seconds)
    {
        var before = server.ProcessorTime;
        var (program, arguments) = (server.Placement == Placement.Anywhere ? Placement.Anywhere : Placement.Asking).Place(
            "wrk",
            ["-t1", $"-c{connections.ToString(CultureInfo.InvariantCulture)}", $"-d{seconds.ToString(CultureInfo.InvariantCulture)}s", $"http://{server.Host}:{server.Port.ToString(CultureInfo.InvariantCulture)}/"]);
        var output = await Workplace.RunAsync(program, arguments);
        var used = server.ProcessorTime - before;
        if (output.Contains("Socket errors", StringComparison.Ordinal) || output.Contains("Non-2xx", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{server.Name} failed under load:\n{output}");
        }

        var requests = double.Parse(Requests().Match(output).Groups["count"].Value, CultureInfo.InvariantCulture);
        var rate = double.Parse(Rate().Match(output).Groups["rate"].Value, CultureInfo.InvariantCulture);
        return (rate, used.TotalMicroseconds / requests);
    }

    [GeneratedRegex(@"(?<count>\d+) requests in", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Requests();

    [GeneratedRegex(@"Requests/sec: +(?<rate>[0-9.]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rate();
}
