using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Validation;

/// <summary>
/// Walks the dependencies depth first and reports each that leads back into the path to it. The walk keeps its own stack,
/// because a manifest may chain more services than the thread's stack has room for.
/// </summary>
internal sealed class DependencyCycleFinder(IReadOnlyDictionary<string, ServiceSpec> services, DiagnosticBag diagnostics)
{
    private const int LongestPrinted = 20;

    private readonly HashSet<string> _finished = new(StringComparer.Ordinal);
    private readonly List<Step> _path = [];
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);

    public void Report(IReadOnlyList<ServiceSpec> from)
    {
        foreach (var service in from)
        {
            Enter(service);
            while (_path.Count > 0)
            {
                Advance();
            }
        }
    }

    private void Enter(ServiceSpec service)
    {
        if (!_finished.Contains(service.Name))
        {
            _positions.Add(service.Name, _path.Count);
            _path.Add(new Step(service));
        }
    }

    private void Advance()
    {
        var step = _path[^1];
        if (step.Next == step.Service.DependsOn.Count)
        {
            _path.RemoveAt(_path.Count - 1);
            _positions.Remove(step.Service.Name);
            _finished.Add(step.Service.Name);
            return;
        }

        var dependency = step.Service.DependsOn[step.Next++];
        if (_positions.TryGetValue(dependency.Service, out var position))
        {
            ReportCycle(position, dependency);
        }
        else if (services.TryGetValue(dependency.Service, out var target))
        {
            Enter(target);
        }
    }

    private void ReportCycle(int start, DependencySpec dependency)
    {
        var length = _path.Count - start;
        if (length == 1)
        {
            return; // on itself, which has a diagnostic of its own
        }

        var names = _path.Skip(start).Take(LongestPrinted).Select(step => step.Service.Name).ToList();
        if (length > LongestPrinted)
        {
            names.Add($"... ({length - LongestPrinted} more)");
        }

        diagnostics.Report(
            ManifestDiagnostics.DependencyCycle,
            dependency.Location,
            $"services depend on each other in a circle: {string.Join(" -> ", names.Append(dependency.Service))}; "
            + "remove one of these dependencies");
    }

    private sealed class Step(ServiceSpec service)
    {
        public ServiceSpec Service { get; } = service;

        public int Next { get; set; }
    }
}
