using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Syntax;
using Wasmrun.Manifest.Validation;

namespace Wasmrun.Manifest.Settings;

/// <summary>
/// Loads the settings of <c>wasmrun os</c>: <c>.wasmrun.toml</c>, or else <c>wasmrun.toml</c>, in the project's folder. Like the
/// manifest's loader it never throws for what is in the files, and reports everything at once.
/// </summary>
public static class OsSettingsLoader
{
    private static readonly string[] _names = [".wasmrun.toml", "wasmrun.toml"];

    /// <summary>Loads the settings in a folder.</summary>
    /// <param name="directory">The folder of the project or of the module.</param>
    /// <param name="workingDirectory">The folder that file names in diagnostics are relative to.</param>
    public static OsSettingsResult Load(string directory, string workingDirectory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(workingDirectory);
        var session = new LoadSession(Path.GetFullPath(workingDirectory), standardInput: null, standardInputLines: []);
        var folder = Path.GetFullPath(directory, session.Sources.WorkingDirectory);
        var files = Array.FindAll(Array.ConvertAll(_names, name => Path.Combine(folder, name)), File.Exists);
        var settings = files.Length == 0 ? new OsSettings(File: null) : Load(files[0], folder, session);
        if (files.Length > 1)
        {
            session.Diagnostics.Report(
                ManifestDiagnostics.TwoSettingsFiles,
                new SourceLocation(session.Sources.NameOf(files[1]), 1, 1),
                $"this file is not read, because '{_names[0]}' lies beside it; keep one of the two");
        }

        return new OsSettingsResult(
            session.Diagnostics.HasErrors ? null : settings, session.Sources.Texts.Sort(session.Diagnostics.Items), session.Sources.Texts);
    }

    private static OsSettings? Load(string file, string folder, LoadSession session)
    {
        if (session.Sources.ReadFile(file, session.Sources.NameOf(file), folder, askedAt: null) is not { } document
            || new TomlTreeReader(document, session.Diagnostics).Read() is not { } root)
        {
            return null;
        }

        var settings = new OsSettingsReader(session.Values, session.Budget).Read(root, file);
        new ForwardConflictValidator(session.Diagnostics).Validate("the project", settings.Forwards);
        return settings;
    }
}
