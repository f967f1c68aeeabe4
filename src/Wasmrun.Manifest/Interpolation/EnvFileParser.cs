using System.Text;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Interpolation;

/// <summary>
/// Reads an environment file: <c>NAME=value</c> lines with <c>#</c> comments, an optional <c>export</c>, single quotes (taken
/// literally) and double quotes (with escapes), both over several lines, and a bare <c>NAME</c> that is taken from the process.
/// Values see the process environment and the lines before them.
/// </summary>
internal sealed class EnvFileParser
{
    private readonly SourceDocument _document;
    private readonly string _text;
    private readonly VariableScope _outer;
    private readonly DiagnosticBag _diagnostics;
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly Interpolator _interpolator;
    private int _position;
    private int _line = 1;
    private int _lineStart;

    private EnvFileParser(SourceDocument document, VariableScope outer, DiagnosticBag diagnostics)
    {
        _document = document;
        _text = document.Text.ReplaceLineEndings("\n");
        _outer = outer;
        _diagnostics = diagnostics;
        _interpolator = new Interpolator(
            name => outer.Process.TryGetValue(name, out var value) ? value : _values.GetValueOrDefault(name) ?? outer.Lookup(name),
            diagnostics);
    }

    private SourceLocation Here => new(_document.Name, _line, _position - _lineStart + 1);

    private char Current => _position < _text.Length ? _text[_position] : '\n';

    public static IReadOnlyDictionary<string, string> Parse(SourceDocument document, VariableScope outer, DiagnosticBag diagnostics)
    {
        var parser = new EnvFileParser(document, outer, diagnostics);
        if (TextChecker.CheckText(document, diagnostics))
        {
            parser.ReadLines();
        }

        return parser._values;
    }

    private void ReadLines()
    {
        while (_position < _text.Length)
        {
            SkipBlanks();
            if (Current is not ('\n' or '#'))
            {
                ReadAssignment();
            }

            SkipLine();
        }
    }

    private void ReadAssignment()
    {
        var place = Here;
        var name = ReadName();
        if (name == "export" && Current is ' ' or '\t')
        {
            SkipBlanks();
            place = Here;
            name = ReadName();
        }

        SkipBlanks();
        if (name.Length == 0 || Current is not ('=' or '\n' or '#'))
        {
            _diagnostics.Report(
                ManifestDiagnostics.BadEnvLine,
                place,
                "expected NAME=value, with a name of letters, digits and underscores that does not start with a digit");
            return;
        }

        if (Current == '=')
        {
            _position++;
            _values[name] = ReadValue();
        }
        else if (_outer.Lookup(name) is { } inherited)
        {
            _values[name] = inherited;
        }
    }

    private string ReadName()
    {
        var start = _position;
        while (char.IsAsciiLetter(Current)
            || Current == '_'
            || (_position > start && (char.IsAsciiDigit(Current) || Current is '.' or '-')))
        {
            _position++;
        }

        return _text[start.._position];
    }

    private string ReadValue()
    {
        SkipBlanks();
        var place = Here;
        return Current switch
        {
            '\'' => ReadQuoted(place),
            '"' => _interpolator.Expand(ReadQuoted(place), place),
            _ => _interpolator.Expand(ReadPlain(), place),
        };
    }

    private string ReadPlain()
    {
        var start = _position;
        while (Current != '\n' && !(Current == '#' && (_position == start || _text[_position - 1] is ' ' or '\t')))
        {
            _position++;
        }

        return _text[start.._position].Trim();
    }

    private string ReadQuoted(SourceLocation place)
    {
        var quote = _text[_position++];
        var value = new StringBuilder();
        while (_position < _text.Length && _text[_position] != quote)
        {
            var character = _text[_position++];
            if (character == '\n')
            {
                StartLine();
            }

            if (character == '\\' && quote == '"' && _position < _text.Length)
            {
                AppendEscape(value, _text[_position++]);
            }
            else
            {
                value.Append(character);
            }
        }

        if (_position == _text.Length)
        {
            _diagnostics.Report(ManifestDiagnostics.BadEnvLine, place, $"the quote {quote} is not closed");
            return string.Empty;
        }

        _position++;
        ExpectEndOfLine();
        return value.ToString();
    }

    private void AppendEscape(StringBuilder value, char escaped)
    {
        if (escaped == '\n')
        {
            StartLine();
        }

        // A dollar sign stays doubled because the value is interpolated afterwards.
        _ = escaped switch
        {
            'n' => value.Append('\n'),
            'r' => value.Append('\r'),
            't' => value.Append('\t'),
            '$' => value.Append("$$"),
            '"' or '\\' or '\'' => value.Append(escaped),
            _ => value.Append('\\').Append(escaped),
        };
    }

    private void ExpectEndOfLine()
    {
        SkipBlanks();
        if (Current is not ('\n' or '#'))
        {
            _diagnostics.Report(ManifestDiagnostics.BadEnvLine, Here, "only a comment may follow the closing quote");
        }
    }

    private void SkipBlanks()
    {
        while (Current is ' ' or '\t')
        {
            _position++;
        }
    }

    private void SkipLine()
    {
        while (Current != '\n')
        {
            _position++;
        }

        _position++;
        StartLine();
    }

    private void StartLine()
    {
        _line++;
        _lineStart = _position;
    }
}
