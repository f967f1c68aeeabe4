namespace Wasmrun.Manifest.Specs;

/// <summary>Which ends of an instance lead to a restart.</summary>
public enum RestartPolicy
{
    No,
    Always,
    OnFailure,
    UnlessStopped,
}
