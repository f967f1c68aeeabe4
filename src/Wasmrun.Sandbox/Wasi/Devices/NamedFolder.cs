using System.Text;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>A folder of the device tree whose entries are made from the names that are looked for, such as ports and hosts.</summary>
/// <param name="find">Makes the place of a name below this folder; null when it is no name of one.</param>
internal sealed class NamedFolder(DeviceFolder parent, string name, Func<DeviceFolder, string, DeviceNode?> find) : DeviceFolder(parent, name)
{
    /// <summary>The names that are listed; where there is no end to them, none is.</summary>
    public Func<IEnumerable<string>> Listed { get; init; } = () => [];

    public override IReadOnlyList<DeviceNode> Entries => [.. Listed().Select(listed => find(this, listed)).OfType<DeviceNode>()];

    public override DeviceNode? Find(ReadOnlySpan<byte> name) => find(this, Encoding.UTF8.GetString(name));
}
