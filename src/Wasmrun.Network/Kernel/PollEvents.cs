namespace Wasmrun.Network.Kernel;

/// <summary>Readiness of a descriptor, with the values of <c>poll(2)</c>.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/poll.2.html"/>
[Flags]
public enum PollEvents : short
{
    None = 0,
    Read = 0x1,
    Write = 0x4,
    Error = 0x8,
    HangUp = 0x10,
    Invalid = 0x20,
}
