using System.Globalization;
using Wasmrun.Cli.Terminal;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Rendering;

/// <summary>What a user wants to know once a stack is up: what runs, where it is reached, and what to do next.</summary>
internal static class StartBlock
{
    internal static IEnumerable<string> Lines(string project, IReadOnlyList<ServiceStatus> services, string next, Palette colors)
    {
        var running = services.Count(ServiceText.IsOfInterest);
        yield return string.Create(
            CultureInfo.InvariantCulture, $"{colors.Strong(project)} is up: {running} of {services.Count} {(services.Count == 1 ? "service" : "services")}");

        var width = services.Count == 0 ? 0 : services.Max(service => service.Service.Length);
        foreach (var group in services.GroupBy(service => service.Service, StringComparer.Ordinal))
        {
            var places = Reachability.Of(group.SelectMany(service => service.Publishers)).Select(place => place.ForPeople()).ToList();
            var name = group.Key.PadRight(width);
            if (places.Count == 0)
            {
                yield return $"  {name}  {colors.Faint(ServiceText.State(group.First().State))}";
            }

            foreach (var place in places)
            {
                yield return $"  {name}  {place}";
                name = new string(' ', width);
            }
        }

        yield return next;
    }
}
