using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;

namespace Wasmrun.Manifest.Settings;

/// <summary>What came of looking for a settings file.</summary>
/// <param name="Settings">Empty settings when there is no file; null when any diagnostic is an error.</param>
/// <param name="Diagnostics">Sorted by place.</param>
public sealed record OsSettingsResult(OsSettings? Settings, IReadOnlyList<Diagnostic> Diagnostics, SourceTexts Sources);
