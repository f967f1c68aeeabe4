using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads <c>deploy.update_config</c>.</summary>
internal sealed class UpdateOrderReader(MappingReader? deploy)
{
    private static readonly Dictionary<string, UpdateOrder> _orders = new(StringComparer.Ordinal)
    {
        ["start-first"] = UpdateOrder.StartFirst,
        ["stop-first"] = UpdateOrder.StopFirst,
    };

    public UpdateOrder? Read() => deploy?.Mapping("update_config", ManifestKeys.UpdateConfig)?.Choice("order", _orders);
}
