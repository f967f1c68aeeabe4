using System.Text;

namespace Wasmrun.Manifest.Parsing;

/// <summary>
/// Splits a command line into words as a POSIX shell does, with quotes and backslashes; there is no shell behind it, so
/// variables, globs and operators are ordinary characters.
/// </summary>
internal static class ShellWords
{
    /// <summary>False when a quote is not closed.</summary>
    public static bool TrySplit(string text, out IReadOnlyList<string> words)
    {
        var found = new List<string>();
        StringBuilder? word = null;
        words = found;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case ' ' or '\t' or '\n' or '\r':
                    Finish(found, ref word);
                    break;
                case '\'' or '"':
                    word ??= new StringBuilder();
                    i = ReadQuoted(text, i, word);
                    break;
                case '\\' when i + 1 < text.Length:
                    word ??= new StringBuilder();
                    word.Append(text[++i]);
                    break;
                default:
                    word ??= new StringBuilder();
                    word.Append(text[i]);
                    break;
            }

            if (i == text.Length)
            {
                return false;
            }
        }

        Finish(found, ref word);
        return true;
    }

    /// <summary>The position of the closing quote, or the length of the text when there is none.</summary>
    private static int ReadQuoted(string text, int start, StringBuilder word)
    {
        var quote = text[start];
        var position = start + 1;
        for (; position < text.Length && text[position] != quote; position++)
        {
            if (quote == '"' && text[position] == '\\' && position + 1 < text.Length && text[position + 1] is '"' or '\\' or '$' or '`')
            {
                position++;
            }

            word.Append(text[position]);
        }

        return position;
    }

    private static void Finish(List<string> words, ref StringBuilder? word)
    {
        if (word is not null)
        {
            words.Add(word.ToString());
            word = null;
        }
    }
}
