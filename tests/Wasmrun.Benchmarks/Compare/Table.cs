using System.Text;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>A table in Markdown, ready to be pasted into the documentation.</summary>
internal sealed class Table(string title, params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public override string ToString()
    {
        var text = new StringBuilder().AppendLine($"### {title}").AppendLine();
        AppendRow(text, columns);
        AppendRow(text, [.. columns.Select((_, index) => index == 0 ? "---" : "---:")]);
        foreach (var row in _rows)
        {
            AppendRow(text, row);
        }

        return text.ToString().TrimEnd();
    }

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
}
