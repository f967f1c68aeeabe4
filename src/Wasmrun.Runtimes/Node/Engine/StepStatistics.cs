using System.Globalization;

namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>
/// Which operations of the engine follow which, as requests to servers were seen to take them: the file <c>engine.steps</c> beside this class.
/// </summary>
/// <param name="Repeated">Operations whose code others are to reach, those that go to the ones after them first; whether it is moved there and not copied.</param>
/// <param name="Next">What follows an operation, the most frequent first.</param>
internal sealed record StepStatistics(IReadOnlyList<(byte Operation, bool IsMoved)> Repeated, IReadOnlyDictionary<byte, byte[]> Next)
{
    /// <summary>Reads the file that is part of the program.</summary>
    public static StepStatistics Read()
    {
        using var stream = typeof(StepStatistics).Assembly.GetManifestResourceStream("Wasmrun.Runtimes.Node.engine.steps")!;
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd());
    }

    /// <summary>Lines of <c>copy</c> or <c>move</c> and an operation, or of an operation and those that follow it. Names are for readers only.</summary>
    public static StepStatistics Parse(string text)
    {
        var repeated = new List<(byte, bool)>();
        var next = new Dictionary<byte, byte[]>();
        foreach (var line in text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#'))
        {
            byte[] numbers = [.. line.Split(' ').Where(static word => char.IsAsciiDigit(word[0])).Select(static word => byte.Parse(word, CultureInfo.InvariantCulture))];
            if (line.StartsWith("copy ", StringComparison.Ordinal) || line.StartsWith("move ", StringComparison.Ordinal))
            {
                repeated.Add((numbers[0], line[0] == 'm'));
            }
            else
            {
                next.Add(numbers[0], numbers[1..]);
            }
        }

        return new(repeated, next);
    }
}
