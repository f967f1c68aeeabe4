using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>
/// Reads the variables of a service: its environment files in order, then <c>environment</c> as a map or a list on top. A name
/// without a value is taken from the process environment, and left out when it is not set there.
/// </summary>
internal sealed class EnvironmentReader(ReadContext context)
{
    public Dictionary<string, string> Read(MappingReader service)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in context.Values.OneOrMany(service.Find("env_file"), "'env_file'"))
        {
            AddFile(item, variables);
        }

        switch (service.Find("environment"))
        {
            case null:
                break;
            case MappingNode map:
                AddMap(map, variables);
                break;
            case SequenceNode list:
                AddList(list, variables);
                break;
            case var other:
                context.Values.ReportType(other, "'environment'", "a mapping or a list");
                break;
        }

        return variables;
    }

    private void AddFile(SourceNode item, Dictionary<string, string> variables)
    {
        var node = item;
        var required = true;
        if (item is MappingNode)
        {
            var reader = MappingReader.Open(item, "an entry of 'env_file'", ManifestKeys.EnvFile, context.Values);
            required = reader?.Flag("required") ?? true;
            if (reader?.RequiredText("path") is null)
            {
                return;
            }

            node = reader.Find("path")!;
        }

        if (context.Values.Text(node, "an entry of 'env_file'") is { } written)
        {
            var path = HostPath.Resolve(written, node.Document.BaseDirectory, context.Scope);
            var values = context.EnvFiles.Load(path, node.Location, context.Scope, required);
            if (!context.Budget.TrySpend(values.Count, node.Location))
            {
                return;
            }

            foreach (var (name, value) in values)
            {
                variables[name] = value;
            }
        }
    }

    private void AddMap(MappingNode map, Dictionary<string, string> variables)
    {
        foreach (var (key, value) in map.Entries)
        {
            if (value is ScalarNode { IsNull: true })
            {
                AddFromProcess(key, key.Text, variables);
            }
            else if (context.Values.Text(value, $"the variable '{key.Text}'") is { } text)
            {
                Add(key, key.Text, text, variables);
            }
        }
    }

    private void AddList(SequenceNode list, Dictionary<string, string> variables)
    {
        var seen = new Dictionary<string, SourceNode>(StringComparer.Ordinal);
        foreach (var item in list.Items)
        {
            if (context.Values.Text(item, "an entry of 'environment'") is not { } text)
            {
                continue;
            }

            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? text : text[..equals];
            if (!seen.TryAdd(name, item))
            {
                context.Values.ReportListedTwice(item, name, "'environment'", seen[name]);
            }
            else if (equals < 0)
            {
                AddFromProcess(item, name, variables);
            }
            else
            {
                Add(item, name, text[(equals + 1)..], variables);
            }
        }
    }

    private void AddFromProcess(SourceNode place, string name, Dictionary<string, string> variables)
    {
        if (context.Scope.Lookup(name) is { } value)
        {
            Add(place, name, value, variables);
        }
        else
        {
            variables.Remove(name);
        }
    }

    private void Add(SourceNode place, string name, string value, Dictionary<string, string> variables)
    {
        if (context.Values.CheckVariableName(name, place))
        {
            variables[name] = value;
        }
    }
}
