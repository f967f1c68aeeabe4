using System.Text.Json.Serialization;
using Wasmrun.Runtimes.Node.Baking;

namespace Wasmrun.Runtimes.Node;

/// <summary>What is written as JSON, without reflection.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(ImageHead))]
[JsonSerializable(typeof(Dictionary<string, FileFact>))]
[JsonSerializable(typeof(KeptCheck))]
internal sealed partial class NodeJson : JsonSerializerContext;
