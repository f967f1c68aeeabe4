namespace Wasmrun.Benchmarks.Compare;

/// <summary>The rounds of one measurement; the median speaks for them.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public double Median
    {
        get
        {
            var sorted = _values.Order().ToList();
            return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
        }
    }

    public double Largest => _values.Max();

    public void Add(double value) => _values.Add(value);
}
