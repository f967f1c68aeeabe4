namespace Wasmrun.Sandbox.Wasi;

/// <summary>What a guest waits for, with the values of preview 1's <c>eventtype</c>.</summary>
internal enum SubscriptionType : byte
{
    Clock = 0,
    Read = 1,
    Write = 2,
}
