namespace Wasmrun.Reconciliation.Watching;

/// <summary>The system's notifications about files: the seam between what decides that something changed and what only hints at it.</summary>
public interface IFileEvents
{
    /// <summary>Tells of what happens at a file, or anywhere below a folder, whether or not it exists yet.</summary>
    /// <param name="changed">Told a path, or null when it is not known what was missed; on any thread.</param>
    IFileWatch Watch(string path, Action<string?> changed);
}

/// <summary>One path that is listened to until disposal.</summary>
public interface IFileWatch : IDisposable
{
    /// <summary>Makes sure that it listens to what is there now: folders come, go, and are replaced.</summary>
    void Refresh();
}
