using System.Text.RegularExpressions;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>
/// Which packages the entry of a program loads before it does anything else: those of the <c>require</c>s and <c>import</c>s that it begins
/// with. The first statement of any other kind ends them, and so does a file of the project, which changes more often than packages do.
/// Taking parts of what was required by name counts as doing nothing.
/// </summary>
internal static partial class LeadingRequests
{
    private const int MostLetters = 1 << 20;

    /// <summary>The packages, in the order in which they are loaded.</summary>
    public static IReadOnlyList<LeadingRequest> Of(string source)
    {
        var requests = new List<LeadingRequest>();
        var at = 0;
        while (source.Length <= MostLetters)
        {
            at = Blank().Match(source, at) is { Success: true } blank ? at + blank.Length : at;
            var isImport = false;
            var statement = Require().Match(source, at);
            if (!statement.Success)
            {
                statement = Import().Match(source, at);
                isImport = statement.Success;
            }

            if (!statement.Success)
            {
                // Whatever the statement does with it, it is loaded first.
                return FirstThing().Match(source, at) is { Success: true } first && IsPackage(first.Groups["request"].Value)
                    ? [.. requests, new(first.Groups["request"].Value, IsImport: false)]
                    : requests;
            }

            foreach (Capture request in statement.Groups["request"].Captures)
            {
                if (!IsPackage(request.Value))
                {
                    return requests;
                }

                requests.Add(new(request.Value, isImport));
            }

            at += statement.Length;
        }

        return requests;
    }

    private static bool IsPackage(string name) => name[0] is not ('.' or '/' or '#');

    /// <summary>Blanks, comments, a first line for the system, and directives.</summary>
    [GeneratedRegex(@"\G(?:\s+|//[^\n]*|/\*(?s:.*?)\*/|(?<=\A\ufeff?)#![^\n]*|(?:'use strict'|""use strict"")\s*(?:;|(?=\n)))*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Blank();

    /// <summary>What follows must begin a statement of its own, or the call is only a part of this one.</summary>
    [GeneratedRegex(
        @"\G(?:(?:const|let|var)\s+(?:(?:[\w$]+|\{[\w$\s,:]*\})\s*=\s*require\(\s*(?<q>['""])(?<request>[^'""\\\r\n]+)\k<q>\s*\)(?:\.[\w$]+)*\s*(?:,\s*(?=[\w$\{])|(?=;|\n|$)))+|require\(\s*(?<q>['""])(?<request>[^'""\\\r\n]+)\k<q>\s*\)[ \t]*(?=;|\n|$))(?:[ \t]*;|(?=\s*(?:$|[\w$'""}]|//|/\*)))",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Require();

    [GeneratedRegex(@"\G(?:(?:const|let|var)\s+(?:[\w$]+|\{[\w$\s,:]*\})\s*=\s*|module\.exports\s*=\s*)?require\(\s*(?<q>['""])(?<request>[^'""\\\r\n]+)\k<q>\s*\)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FirstThing();

    [GeneratedRegex(
        @"\Gimport\s*(?:(?:[\w$]+|\*\s*as\s+[\w$]+|\{[\w$\s,]*\})(?:\s*,\s*(?:\*\s*as\s+[\w$]+|\{[\w$\s,]*\}))?\s*from\s*)?(?<q>['""])(?<request>[^'""\\\r\n]+)\k<q>[ \t]*(?:;|(?=\r?\n|$))",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Import();
}
