namespace Wasmrun.Network.Egress;

/// <summary>What a guest was kept from reaching, and how it can be allowed.</summary>
/// <param name="Destination">As the guest named it, with the port if it had come that far: <c>api.example.com:443</c>.</param>
/// <param name="Remedy">What to do, in words.</param>
/// <param name="LineToAdd">What to write below the service in the manifest, where that alone is enough.</param>
public sealed record EgressDenial(string Destination, string Remedy, string? LineToAdd);
