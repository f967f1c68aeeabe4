namespace Wasmrun.Sandbox;

/// <summary>
/// Where a guest's standard output and standard error go: the service's log, a terminal, a test. The bytes are the
/// guest's own, in its order and with nothing added; they need not end at a line or at a character.
/// </summary>
public interface IGuestOutput
{
    /// <summary>
    /// Takes what the guest wrote, on the guest's own thread: the guest goes on when this returns, so a slow taker slows
    /// the guest down and nothing is lost. The bytes lie in guest memory and are gone after the call.
    /// </summary>
    void Write(GuestStream stream, ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Whether there is room for so many bytes more. While there is none the guest is not let go on, unless it is told to stop. Asked on the guest's thread,
    /// again and again while it waits.
    /// </summary>
    bool HasRoom(int bytes) => true;
}
