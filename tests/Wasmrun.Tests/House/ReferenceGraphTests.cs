using System.Reflection;
using System.Xml.Linq;

namespace Wasmrun.Tests.House;

/// <summary>
/// The reference graph of the projects is the architecture. What a project names is exactly its row of the table, and
/// what its assembly really uses lies within what those rows reach.
/// </summary>
public sealed class ReferenceGraphTests
{
    private static readonly Dictionary<string, string[]> s_mayReference = new(StringComparer.Ordinal)
    {
        ["Manifest"] = [],
        ["Planning"] = ["Manifest"],
        ["Network"] = [],
        ["Sandbox"] = ["Network"],
        ["Runtimes"] = ["Sandbox", "Network"],
        ["Supervision"] = ["Planning", "Runtimes", "Sandbox", "Network"],
        ["Reconciliation"] = ["Planning", "Supervision"],
        ["Control"] = ["Reconciliation"],
        ["Cli"] = ["Manifest", "Planning", "Network", "Sandbox", "Runtimes", "Supervision", "Reconciliation", "Control"],
    };

    public static TheoryData<string> Projects => new(s_mayReference.Keys);

    [Fact]
    public void Table_NamesEveryProject() =>
        Assert.Equal(
            s_mayReference.Keys.Order(StringComparer.Ordinal),
            Directory.GetDirectories(Repository.PathOf("src")).Select(path => Path.GetFileName(path)["Wasmrun.".Length..]).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_NamesExactlyItsRow(string project)
    {
        var file = XDocument.Load(Repository.PathOf($"src/Wasmrun.{project}/Wasmrun.{project}.csproj"));
        var named = file.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)["Wasmrun.".Length..]);
        Assert.Equal(s_mayReference[project].Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Assembly_UsesNothingBeyondItsRow(string project)
    {
        var assembly = Assembly.Load(project == "Cli" ? "wasmrun" : $"Wasmrun.{project}");
        var used = assembly.GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => name.StartsWith("Wasmrun.", StringComparison.Ordinal))
            .Select(name => name["Wasmrun.".Length..]);
        Assert.Subset(Reach(project), used.ToHashSet(StringComparer.Ordinal));
    }

    private static HashSet<string> Reach(string project) =>
        s_mayReference[project].Concat(s_mayReference[project].SelectMany(Reach)).ToHashSet(StringComparer.Ordinal);
}
