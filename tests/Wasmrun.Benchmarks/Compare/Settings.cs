using System.Globalization;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>How long a comparison takes: <paramref name="Rounds"/> alternating rounds of <paramref name="Seconds"/> each.</summary>
/// <param name="Parts">The parts to measure; empty means all.</param>
internal sealed record Settings(int Rounds, int Seconds, IReadOnlyList<string> Parts)
{
    /// <summary>How many clients ask at once over HTTP, each in turn.</summary>
    public IReadOnlyList<int> Connections { get; init; } = [1, 32, 256];

    public static Settings Parse(string[] arguments)
    {
        var settings = new Settings(Rounds: 5, Seconds: 3, Parts: []);
        var parts = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--rounds":
                    settings = settings with { Rounds = int.Parse(arguments[++i], CultureInfo.InvariantCulture) };
                    break;
                case "--seconds":
                    settings = settings with { Seconds = int.Parse(arguments[++i], CultureInfo.InvariantCulture) };
                    break;
                case "--connections":
                    settings = settings with { Connections = [.. arguments[++i].Split(',').Select(text => int.Parse(text, CultureInfo.InvariantCulture))] };
                    break;
                default:
                    parts.Add(arguments[i]);
                    break;
            }
        }

        return settings with { Parts = parts };
    }
}
