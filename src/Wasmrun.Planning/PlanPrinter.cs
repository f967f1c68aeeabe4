using System.Globalization;
using System.Net;
using System.Text;
using Wasmrun.Planning.Ports;

namespace Wasmrun.Planning;

/// <summary>Writes a plan for people: one line per step with its cause, and what it comes after. Tests compare exactly this.</summary>
public static class PlanPrinter
{
    /// <summary>Writes the steps in the plan's order, then the orphans that stay.</summary>
    /// <returns>Lines ending in a line feed each.</returns>
    public static string Print(StackPlan plan)
    {
        var text = new StringBuilder();
        foreach (var action in plan.Actions)
        {
            text.Append(action.Id).Append(": ").Append(action.Cause.Text);
            if (action.After.Count > 0)
            {
                text.Append(" (after ").AppendJoin(", ", action.After).Append(')');
            }

            text.Append('\n');
            if (action is PlanAction.ReservePorts reserve)
            {
                foreach (var request in reserve.Requests)
                {
                    text.Append("    ").Append(Describe(request)).Append('\n');
                }
            }
        }

        foreach (var orphan in plan.Orphans)
        {
            text.Append("keep ").Append(orphan).Append(": the manifest does not declare it, and orphans are not to be removed\n");
        }

        return text.Length == 0 ? "nothing to do\n" : text.ToString();
    }

    private static string Describe(PortRequest request)
    {
        var port = request.HostPort ?? request.Candidates[0];
        var places = string.Join(", ", request.Addresses.Select(address => new IPEndPoint(address, port)));
        var chosen = request.HostPort is null ? " or another free port" : "";
        var from = request.TakenFrom is null ? "" : $", taken over from {request.TakenFrom}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{places}{chosen} -> {request.Service} {request.GuestPort}/{request.Protocol.ToString().ToLowerInvariant()}{from}");
    }
}
