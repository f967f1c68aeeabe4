using System.Text;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Loading;

/// <summary>
/// The only place that reads files. Whatever can go wrong with a file is a diagnostic at the place that asked for it, and
/// number and size of the files are bounded, so that neither a device file nor an include loop can hold the loader up.
/// </summary>
internal sealed class SourceReader(
    string workingDirectory, TextReader? standardInput, IReadOnlyList<string> standardInputLines, DiagnosticBag diagnostics)
{
    public const int LargestFile = 4 * 1024 * 1024;
    public const string StandardInputName = "<stdin>";

    private const int LargestSum = 16 * 1024 * 1024;
    private const int MostFiles = 1000;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly OrderedDictionary<string, bool> _paths = new(StringComparer.Ordinal);
    private TextReader? _standardInput = standardInput;
    private int _files;
    private long _bytes;

    public SourceTexts Texts { get; } = new();

    /// <summary>The absolute paths of the files that could be read, in that order, each once.</summary>
    public IReadOnlyCollection<string> Paths => _paths.Keys;

    public string WorkingDirectory { get; } = workingDirectory;

    /// <summary>How a file is called in diagnostics: relative to the working directory.</summary>
    public string NameOf(string path) => Path.GetRelativePath(WorkingDirectory, path);

    /// <summary>Null, with a diagnostic, when the file cannot be used.</summary>
    /// <param name="askedAt">Where the file is named; the file itself when that was not in a text.</param>
    public SourceDocument? ReadFile(string path, string name, string baseDirectory, SourceLocation? askedAt)
    {
        var place = askedAt ?? new SourceLocation(name, 1, 1);
        if (!MayRead(place))
        {
            return null;
        }

        byte[] bytes;
        try
        {
            bytes = ReadBounded(path);
        }
        catch (Exception exception) when (IsAboutTheFile(exception))
        {
            diagnostics.Report(ManifestDiagnostics.UnreadableFile, place, Complaint(exception, path, name));
            return null;
        }

        _paths[path] = true;
        return CheckSize(bytes.Length, name, place) ? Decode(bytes, name, baseDirectory) : null;
    }

    /// <summary>Standard input, which can be read once.</summary>
    public SourceDocument? ReadStandardInput(string baseDirectory)
    {
        var place = new SourceLocation(StandardInputName, 1, 1);
        if (_standardInput is not { } input)
        {
            diagnostics.Report(
                ManifestDiagnostics.UnreadableFile,
                place,
                "there is no standard input left to read; name '-' once, and pipe a manifest in");
            return null;
        }

        _standardInput = null;
        var buffer = new char[LargestFile + 1];
        int length;
        try
        {
            length = input.ReadBlock(buffer, 0, buffer.Length);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or ArgumentException)
        {
            diagnostics.Report(ManifestDiagnostics.UnreadableFile, place, $"standard input cannot be read: {exception.Message}");
            return null;
        }

        return CheckSize(length, StandardInputName, place)
            ? Register(new SourceDocument(StandardInputName, new string(buffer, 0, length), baseDirectory) { LineNames = standardInputLines })
            : null;
    }

    private bool MayRead(SourceLocation place)
    {
        if (_files++ < MostFiles)
        {
            return true;
        }

        diagnostics.Report(
            ManifestDiagnostics.TooManyFiles, place, $"more than {MostFiles} files are pulled in; include, extend and list fewer");
        return false;
    }

    private static byte[] ReadBounded(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; bytes.Length <= LargestFile && (read = stream.Read(buffer, 0, buffer.Length)) > 0;)
        {
            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }

    private static bool IsAboutTheFile(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    private static string Complaint(Exception exception, string path, string name) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"the file '{name}' does not exist; correct the path, or create the file",
        _ when Directory.Exists(path) => $"'{name}' is a folder; name the file in it",
        UnauthorizedAccessException => $"the file '{name}' may not be read; change its permissions",
        _ => $"the file '{name}' cannot be read: {exception.Message}",
    };

    private bool CheckSize(int size, string name, SourceLocation place)
    {
        _bytes += size;
        if (size <= LargestFile && _bytes <= LargestSum)
        {
            return true;
        }

        var (what, limit) = size > LargestFile ? ($"'{name}' is", LargestFile) : ("all files together are", LargestSum);
        diagnostics.Report(ManifestDiagnostics.FileTooLarge, place, $"{what} larger than {limit / (1024 * 1024)} MiB; split the stack up");
        return false;
    }

    private SourceDocument? Decode(byte[] bytes, string name, string baseDirectory)
    {
        var content = bytes.AsSpan();
        var preamble = Encoding.UTF8.Preamble;
        if (content.StartsWith(preamble))
        {
            content = content[preamble.Length..];
        }

        try
        {
            return Register(new SourceDocument(name, _strictUtf8.GetString(content), baseDirectory));
        }
        catch (DecoderFallbackException exception)
        {
            var before = content[..Math.Clamp(exception.Index, 0, content.Length)];
            var place = new SourceLocation(name, before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
            diagnostics.Report(ManifestDiagnostics.BadCharacter, place, "the file is not UTF-8 text; save it as UTF-8");
            return null;
        }
    }

    private SourceDocument Register(SourceDocument document)
    {
        Texts.Add(document.Name, document.Text);
        foreach (var name in document.LineNames)
        {
            Texts.Add(name, string.Empty);
        }

        return document;
    }
}
