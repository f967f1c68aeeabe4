namespace Wasmrun.Reconciliation.Watching;

/// <summary>The notifications of the operating system.</summary>
public sealed class SystemFileEvents : IFileEvents
{
    public IFileWatch Watch(string path, Action<string?> changed)
    {
        var watch = new SystemFileWatch(path, changed);
        watch.Refresh();
        return watch;
    }
}
