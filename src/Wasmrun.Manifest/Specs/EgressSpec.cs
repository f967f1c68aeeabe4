using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Specs;

/// <summary>One line of <c>egress</c>: <c>host[:port]</c>, <c>*.example.com[:port]</c> or a CIDR block with an optional port.</summary>
/// <param name="Host">Name, wildcard name, address or CIDR block, as written.</param>
/// <param name="Port">1 to 65535, or null for every port.</param>
public sealed record EgressSpec(string Host, int? Port, SourceLocation Location);
