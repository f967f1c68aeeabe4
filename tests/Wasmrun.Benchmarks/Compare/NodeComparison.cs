using System.Globalization;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>Requests per second of the same applications under Node.js and in wasmrun, in turn.</summary>
internal static class NodeComparison
{
    private const int Connections = 32;

    public static async Task<Table> MeasureAsync(Workplace workplace, Settings settings)
    {
        var table = new Table($"Node.js applications, requests per second at {Connections} connections (wrk, one thread)", "", "node", "wasmrun", "ratio", "CPU µs/request node", "CPU µs/request wasmrun");
        if (NodeApps.Missing is { } reason)
        {
            Console.Error.WriteLine($"without Node.js, because {reason}");
            return table;
        }

        var folder = await NodeApps.InstallAsync(workplace);
        foreach (var (name, file) in NodeApps.All)
        {
            await using var node = await Server.NodeAsync(folder, file);
            await using var wasmrun = await Server.WasmrunProjectAsync(workplace, folder, file);
            var (theirs, ours) = ((Rate: new Samples(), Cost: new Samples()), (Rate: new Samples(), Cost: new Samples()));
            for (var round = 0; round <= settings.Rounds; round++)
            {
                foreach (var (server, samples) in new[] { (node, theirs), (wasmrun, ours) })
                {
                    var (rate, cost) = await HttpComparison.LoadAsync(server, Connections, settings.Seconds);
                    if (round > 0)
                    {
                        samples.Rate.Add(rate);
                        samples.Cost.Add(cost);
                    }
                }
            }

            table.Add(
                name,
                theirs.Rate.Median.ToString("N0", CultureInfo.InvariantCulture),
                ours.Rate.Median.ToString("N0", CultureInfo.InvariantCulture),
                (ours.Rate.Median / theirs.Rate.Median).ToString("F2", CultureInfo.InvariantCulture),
                theirs.Cost.Median.ToString("F1", CultureInfo.InvariantCulture),
                ours.Cost.Median.ToString("F1", CultureInfo.InvariantCulture));
        }

        return table;
    }
}
