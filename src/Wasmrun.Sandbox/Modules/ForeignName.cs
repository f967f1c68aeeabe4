using System.Globalization;
using System.Text;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// A name that a module brings, as it may stand in a message: a hostile one could otherwise talk to the reader's terminal, or look like lines of the runner.
/// </summary>
internal static class ForeignName
{
    /// <summary>Characters of a name that are shown. Names of C++ and Rust functions are long.</summary>
    private const int MostShown = 512;

    /// <summary>The name with what is not printed written out, and cut off if it is very long.</summary>
    public static string Printed(string name)
    {
        if (name.Length <= MostShown && !name.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return name;
        }

        var printed = new StringBuilder();
        foreach (var character in name.AsSpan(0, Math.Min(name.Length, MostShown)))
        {
            _ = IsPrinted(character) ? printed.Append(character) : printed.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        }

        return name.Length > MostShown ? printed.Append("...").ToString() : printed.ToString();
    }

    /// <summary>Not printed is also what turns the direction of writing around, or separates lines without being a control character.</summary>
    private static bool IsPrinted(char character) => char.GetUnicodeCategory(character)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
