using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Services;

/// <summary>What a service is to run: as written, as loaded, and the fingerprint of both.</summary>
public sealed record ServiceOrder(ServiceSpec Spec, Fingerprint Fingerprint, PreparedModule Module);
