using System.Text.Json.Serialization;

namespace Wasmrun.Reconciliation.State;

/// <summary>How the state files are written, generated at build time.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(StackRecord))]
[JsonSerializable(typeof(List<StoredPort>))]
internal sealed partial class StateJson : JsonSerializerContext;
