namespace Wasmrun.Supervision.Probing;

/// <summary>One way of asking an instance whether it does its work.</summary>
internal interface IProbe
{
    /// <summary>Asks once.</summary>
    /// <returns>What is wrong, for people; null when the instance does its work.</returns>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    Task<string?> AskAsync(CancellationToken token);
}
