namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>A folder of the device tree that always has the same entries.</summary>
internal sealed class FixedFolder(DeviceFolder? parent, string name) : DeviceFolder(parent, name)
{
    private readonly List<DeviceNode> _entries = [];

    public override IReadOnlyList<DeviceNode> Entries => _entries;

    /// <summary>Adds an entry while the tree is built.</summary>
    public void Add(DeviceNode entry) => _entries.Add(entry);

    public override DeviceNode? Find(ReadOnlySpan<byte> name)
    {
        foreach (var entry in _entries)
        {
            if (name.SequenceEqual(entry.Name))
            {
                return entry;
            }
        }

        return null;
    }
}
