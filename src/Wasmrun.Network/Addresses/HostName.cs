namespace Wasmrun.Network.Addresses;

/// <summary>What a host name may look like. What does not is nobody's name: it is neither asked for nor written into any log.</summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc1123#section-2"/>
internal static class HostName
{
    /// <summary>In characters, and a final dot more.</summary>
    public const int MaxLength = 253;

    private const int MaxLabelLength = 63;

    /// <summary>Whether it consists of labels of letters, digits, hyphens and (as is common, if not in the RFC) underscores.</summary>
    public static bool IsValid(ReadOnlySpan<char> name)
    {
        name = name.EndsWith('.') ? name[..^1] : name;
        if (name.Length is 0 or > MaxLength)
        {
            return false;
        }

        foreach (var label in name.Split('.'))
        {
            if (!IsLabel(name[label]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLabel(ReadOnlySpan<char> label)
    {
        foreach (var character in label)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
            {
                return false;
            }
        }

        return label.Length is > 0 and <= MaxLabelLength;
    }
}
