using System.Globalization;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>
/// A server that is restarted on request, and one that crashes, fifty times each under a load of new and of kept connections: what
/// the clients of wasmrun see, beside those of the same program built natively and kept alive by supervisord.
/// </summary>
internal static class SupervisionComparison
{
    private const int Times = 50;
    private const int Clients = 2;

    public static async Task<Table> MeasureAsync(Workplace workplace, Settings settings)
    {
        var table = new Table(
            $"{Times} restarts on request and {Times} crashes under load, {Clients} clients with new connections and {Clients} with kept ones",
            "", "answered", "refused", "cut off, new", "cut off, kept", "longest wait, ms");
        if (Workplace.Has("supervisord"))
        {
            await AddAsync(table, "native under supervisord, restarted", await SupervisedServer.SupervisordAsync(workplace), server => server.RestartAsync());
        }

        await AddAsync(table, "wasmrun, swapped", await SupervisedServer.WasmrunAsync(workplace), server => server.RestartAsync());
        if (Workplace.Has("supervisord"))
        {
            await AddAsync(table, "native under supervisord, crashing", await SupervisedServer.SupervisordAsync(workplace), CrashAsync);
        }

        await AddAsync(table, "wasmrun, crashing", await SupervisedServer.WasmrunAsync(workplace), CrashAsync);
        return table;
    }

    private static async Task AddAsync(Table table, string name, SupervisedServer server, Func<SupervisedServer, Task> disturb)
    {
        await using (server)
        {
            var load = new ClientLoad(server.Port, Clients, Clients);
            for (var i = 0; i < Times; i++)
            {
                var before = await InstanceAsync(server);
                await disturb(server);
                while (await InstanceAsync(server) == before)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
                }
            }

            await load.EndAsync();
            table.Add(
                name,
                Number(load.Answered),
                Number(load.Refused),
                Number(load.CutOffNew),
                Number(load.CutOffKept),
                load.LongestMilliseconds.ToString("F1", CultureInfo.InvariantCulture));
        }
    }

    private static Task CrashAsync(SupervisedServer server)
    {
        _ = ClientLoad.Ask(server.Port, "/trap");
        return Task.CompletedTask;
    }

    private static async Task<string> InstanceAsync(SupervisedServer server)
    {
        while (true)
        {
            if (ClientLoad.Ask(server.Port, "/instance") is { } instance)
            {
                return instance;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
