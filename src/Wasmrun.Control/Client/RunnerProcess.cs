namespace Wasmrun.Control.Client;

/// <summary>Whether a process is still there, as far as the system tells.</summary>
internal static class RunnerProcess
{
    /// <summary>
    /// A process that ended and that its parent has not collected yet is gone for everybody else: it holds nothing any more.
    /// Where there is no <c>/proc</c>, the lock has to be proof enough.
    /// </summary>
    internal static bool IsAlive(int pid)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{pid}/stat");
            var state = status.LastIndexOf(')') + 2;
            return state < status.Length && status[state] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
