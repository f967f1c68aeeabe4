using System.Text;

namespace Wasmrun.Cli.Rendering;

/// <summary>Columns as wide as their widest cell, three spaces apart, nothing after the last one: easy to read and easy to cut.</summary>
internal sealed class TextTable
{
    private const int Gap = 3;
    private readonly List<string[]> _rows = [];

    internal TextTable(params string[] header) => _rows.Add(header);

    internal void Add(params string[] cells) => _rows.Add(cells);

    internal IEnumerable<string> Lines()
    {
        var widths = _rows[0].Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
        {
            var line = new StringBuilder();
            for (var column = 0; column < row.Length; column++)
            {
                line.Append(row[column].PadRight(widths[column] + Gap));
            }

            yield return line.ToString().TrimEnd();
        }
    }
}
