namespace Wasmrun.Benchmarks.Compare;

/// <summary>The rounds of one measurement; the median speaks for them.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public double Median => MedianOf(_values);

    public double Largest => _values.Max();

    public void Add(double value) => _values.Add(value);

    /// <summary>
    /// The median of what each round was of the peer's round beside it. A machine whose speed changes
    /// from minute to minute moves both, and so moves this less than the ratio of the two medians.
    /// </summary>
    public double RatioTo(Samples peer) => MedianOf(_values.Zip(peer._values, static (own, other) => own / other));

    private static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
