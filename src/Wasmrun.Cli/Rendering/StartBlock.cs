using System.Globalization;
using Wasmrun.Cli.Terminal;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Rendering;

/// <summary>What a user wants to know once a stack is up: what runs, where it is reached, and what to do next.</summary>
internal static class StartBlock
{
    internal static IEnumerable<string> Lines(string project, IReadOnlyList<ServiceStatus> services, string next, Palette colors)
    {
        var groups = services.GroupBy(service => service.Service, StringComparer.Ordinal).ToList();
        var running = groups.Count(group => group.All(service => service.State == ServicePhase.Running));
        yield return string.Create(
            CultureInfo.InvariantCulture, $"{colors.Strong(project)} is up: {running} of {groups.Count} {(groups.Count == 1 ? "service" : "services")}");

        var width = services.Count == 0 ? 0 : services.Max(service => service.Service.Length);
        foreach (var group in groups)
        {
            var places = Reachability.Of(group.SelectMany(service => service.Publishers).Distinct()).Select(place => place.ForPeople()).ToList();
            var name = group.Key.PadRight(width);
            var several = group.Count() > 1 ? string.Create(CultureInfo.InvariantCulture, $"  {group.Count()} replicas") : "";
            if (places.Count == 0 || group.All(IsNowhere))
            {
                yield return $"  {name}  {colors.Faint(ServiceText.State(group.First().State) + several)}";
                continue;
            }

            foreach (var place in places)
            {
                yield return $"  {name}  {place}{colors.Faint(several)}";
                name = new string(' ', width);
                several = "";
            }
        }

        yield return next;
    }

    /// <summary>Whether nobody would be answered, now or in a moment.</summary>
    private static bool IsNowhere(ServiceStatus service) =>
        service.State is ServicePhase.Created or ServicePhase.Waiting or ServicePhase.Exited or ServicePhase.Failed or ServicePhase.Stopped;
}
