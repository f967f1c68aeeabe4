using System.Diagnostics;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>The same small servers for Node.js and for wasmrun, with their packages installed as npm does it.</summary>
internal static class NodeApps
{
    /// <summary>What is measured: the name in the tables, and the file.</summary>
    public static readonly (string Name, string File)[] All = [("bare http", "bare.js"), ("Express 5", "express.js"), ("Fastify 5", "fastify.js")];

    private static readonly string[] s_needed = ["node", "npm", "wrk"];

    /// <summary>What is missing to measure them, null when nothing is.</summary>
    public static string? Missing => s_needed.FirstOrDefault(program => !Workplace.Has(program)) is { } program ? $"{program} is not installed" : null;

    /// <summary>A copy of the project with its packages.</summary>
    public static async Task<string> InstallAsync(Workplace workplace)
    {
        var target = Path.Combine(workplace.NativeFolder, "node-apps");
        if (Directory.Exists(target))
        {
            return target;
        }

        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(workplace.Root, "tests", "Wasmrun.Benchmarks", "apps", "node")))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        await Workplace.RunAsync("npm", ["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", target]);
        return target;
    }

    /// <summary>Milliseconds until the first answer, or until an answer with this text.</summary>
    public static async Task<double> AnswerAsync(HttpClient client, int port, string text, Stopwatch clock)
    {
        while (clock.Elapsed < TimeSpan.FromSeconds(60))
        {
            try
            {
                if ((await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"))).Contains(text, StringComparison.Ordinal))
                {
                    return clock.Elapsed.TotalMilliseconds;
                }
            }
            catch (HttpRequestException)
            {
                // Nobody listens yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        throw new InvalidOperationException($"the server does not answer with '{text}'");
    }
}
