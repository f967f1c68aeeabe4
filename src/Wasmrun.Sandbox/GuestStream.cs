namespace Wasmrun.Sandbox;

/// <summary>Which of its two standard streams a guest wrote to.</summary>
public enum GuestStream
{
    Output = 1,
    Error = 2,
}
