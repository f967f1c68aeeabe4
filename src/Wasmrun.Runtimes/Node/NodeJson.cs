using System.Text.Json.Serialization;

namespace Wasmrun.Runtimes.Node;

/// <summary>What is written as JSON, without reflection.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class NodeJson : JsonSerializerContext;
