using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Interpolation;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>What the readers of one stack share.</summary>
internal sealed record ReadContext(
    ValueReader Values, VariableScope Scope, EnvFileLoader EnvFiles, ExpansionBudget Budget, ProfileSelection Profiles)
{
    public DiagnosticBag Diagnostics => Values.Diagnostics;
}
