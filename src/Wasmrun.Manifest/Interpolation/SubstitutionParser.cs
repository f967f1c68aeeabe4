using System.Text;
using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Interpolation;

/// <summary>
/// Reads one text with substitutions from left to right. The word behind an operator (<c>:-</c>, <c>?</c>, ...) may hold
/// substitutions of its own; a word that is not chosen is parsed, but neither looked up nor reported.
/// </summary>
internal sealed class SubstitutionParser(string text, SourceLocation location, Func<string, string?> lookup, DiagnosticBag diagnostics)
{
    private const int DeepestNesting = 32;

    private int _position;
    private int _room;
    private bool _failed;

    public void Parse(StringBuilder output, int room)
    {
        _room = room;
        ReadText(output, depth: 0, chosen: true);
    }

    private void ReadText(StringBuilder output, int depth, bool chosen)
    {
        while (_position < text.Length && !_failed && _room > 0)
        {
            if (depth > 0 && text[_position] == '}')
            {
                return;
            }

            if (text[_position] == '$')
            {
                ReadDollar(output, depth, chosen);
            }
            else
            {
                Append(output, text.AsSpan(_position++, 1), chosen);
            }
        }
    }

    private void ReadDollar(StringBuilder output, int depth, bool chosen)
    {
        var start = _position++;
        if (TryConsume('$'))
        {
            Append(output, "$", chosen);
        }
        else if (TryConsume('{'))
        {
            ReadBraced(output, start, depth, chosen);
        }
        else if (ReadName() is { Length: > 0 } name)
        {
            Append(output, Value(name, chosen), chosen);
        }
        else
        {
            Fail(start, "a '$' must be followed by a name or by '{'; write '$$' for a dollar sign");
        }
    }

    private void ReadBraced(StringBuilder output, int start, int depth, bool chosen)
    {
        var name = ReadName();
        if (name.Length == 0)
        {
            Fail(start, "'${' must be followed by a variable's name of letters, digits and underscores");
            return;
        }

        if (depth == DeepestNesting)
        {
            Fail(start, $"substitutions are nested more than {DeepestNesting} levels deep");
            return;
        }

        var colon = TryConsume(':');
        var operation = _position < text.Length ? text[_position] : '\0';
        if (operation is '-' or '?' or '+')
        {
            _position++;
            ReadWord(output, new Substitution(name, operation, colon), depth, chosen);
        }
        else if (colon || operation != '}')
        {
            Fail(
                start, operation == '\0' ? "a '${' is not closed; add the '}'" : $"after '${{{name}' one of }} :- - :? ? :+ + must follow");
            return;
        }
        else
        {
            Append(output, Value(name, chosen), chosen);
        }

        if (!_failed && _room > 0 && !TryConsume('}'))
        {
            Fail(start, "a '${' is not closed; add the '}'");
        }
    }

    private void ReadWord(StringBuilder output, Substitution substitution, int depth, bool chosen)
    {
        var value = lookup(substitution.Name);
        var isThere = substitution.EmptyCountsAsUnset ? !string.IsNullOrEmpty(value) : value is not null;
        switch (substitution.Operator)
        {
            case '-':
                Append(output, isThere ? value : null, chosen);
                ReadText(output, depth + 1, chosen && !isThere);
                break;
            case '+':
                ReadText(output, depth + 1, chosen && isThere);
                break;
            default:
                var message = new StringBuilder();
                ReadText(message, depth + 1, chosen && !isThere);
                Append(output, value, chosen);
                ReportRequired(substitution.Name, message.ToString(), missing: chosen && !isThere);
                break;
        }
    }

    private void ReportRequired(string name, string message, bool missing)
    {
        if (missing && !_failed)
        {
            var reason = message.Length == 0 ? "set it in the environment or in .env" : message;
            diagnostics.Report(ManifestDiagnostics.RequiredVariable, location, $"the variable '{name}' is required: {reason}");
        }
    }

    private string? Value(string name, bool chosen)
    {
        var value = lookup(name);
        if (value is null && chosen)
        {
            diagnostics.Report(
                ManifestDiagnostics.UnsetVariable,
                location,
                $"the variable '{name}' is not set and counts as empty; set it, or give a default with ${{{name}:-default}}");
        }

        return value;
    }

    private string ReadName()
    {
        var start = _position;
        while (_position < text.Length
            && (char.IsAsciiLetter(text[_position])
                || text[_position] == '_'
                || (_position > start && char.IsAsciiDigit(text[_position]))))
        {
            _position++;
        }

        return text[start.._position];
    }

    private bool TryConsume(char expected)
    {
        if (_position == text.Length || text[_position] != expected)
        {
            return false;
        }

        _position++;
        return true;
    }

    private void Append(StringBuilder output, ReadOnlySpan<char> value, bool chosen)
    {
        if (chosen)
        {
            _room -= value.Length;
            output.Append(value);
        }
    }

    private void Fail(int at, string message)
    {
        var excerpt = text.AsSpan(at, Math.Min(24, text.Length - at));
        diagnostics.Report(ManifestDiagnostics.BadSubstitution, location, $"cannot read '{excerpt}': {message}");
        _failed = true;
    }

    private sealed record Substitution(string Name, char Operator, bool EmptyCountsAsUnset);
}
