using Tomlyn.Model;
using Tomlyn.Serialization;

namespace Wasmrun.Runtimes.Python;

/// <summary>How <c>pyproject.toml</c> is read, generated at build time.</summary>
[TomlSerializable(typeof(TomlTable))]
internal sealed partial class PythonToml : TomlSerializerContext;
