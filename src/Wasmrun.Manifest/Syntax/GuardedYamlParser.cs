using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Wasmrun.Manifest.Syntax;

/// <summary>
/// The YAML parser, made to fail in one way only: on some malformed texts it breaks its own invariants and throws whatever that
/// leads to, which to its caller is a syntax error like any other, behind the last event that was still good.
/// </summary>
internal sealed class GuardedYamlParser(TextReader text) : IParser
{
    private readonly Parser _parser = new(text);

    public ParsingEvent? Current => _parser.Current;

    public bool MoveNext()
    {
        try
        {
            return _parser.MoveNext();
        }
        catch (Exception exception) when (exception is not YamlException)
        {
            var place = Current?.End ?? new Mark(0, 1, 1);
            throw new YamlException(place, place, "the text after this place makes no sense as YAML", exception);
        }
    }
}
