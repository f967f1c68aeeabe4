namespace Wasmrun.Planning.Wishes;

/// <summary>
/// Services that run and that the manifest does not declare, or not now, and instances that run once: there is nothing to start them from,
/// so all that can be asked of them is that they end.
/// </summary>
public static class UndeclaredServices
{
    /// <summary>Why a service can be stopped and nothing else; null when more can be done with it.</summary>
    public static string? Complain(StackWish wish, string service)
    {
        var declared = wish.Stack.Services.FirstOrDefault(declared => string.Equals(declared.Name, service, StringComparison.Ordinal));
        return declared is null
            ? wish.Declares(service)
                ? $"'{service}' belongs to a profile that was off when the manifest was applied last; it can be stopped or killed, or switched on by 'up' with its profile"
                : $"the manifest no longer declares '{service}'; it can be stopped or killed, and nothing else"
            : declared.OneOffOf is null ? null : $"'{service}' runs once, as it was begun; it can be stopped or killed, and nothing else";
    }
}
