using System.Text.RegularExpressions;

namespace Wasmrun.Tests.House;

/// <summary>Rules of the house that no analyzer knows: how long a file may be, and that nothing unfinished is left in it.</summary>
public sealed partial class SourceTests
{
    [Fact]
    public void SourceFile_StaysWithin400Lines() => Assert.Empty(LongerThan(400, "src"));

    [Fact]
    public void TestFile_StaysWithin600Lines() => Assert.Empty(LongerThan(600, "tests"));

    [Fact]
    public void Source_HasNoMarkOfUnfinishedWork()
    {
        var marked = Files("src")
            .SelectMany(file => File.ReadLines(file).Select((line, index) => (Place: $"{Relative(file)}({index + 1})", Line: line)))
            .Where(entry => UnfinishedMark().IsMatch(entry.Line))
            .Select(entry => entry.Place);
        Assert.Empty(marked);
    }

    private static IEnumerable<string> LongerThan(int lines, string folder) =>
        Files(folder).Where(file => File.ReadLines(file).Count() > lines).Select(Relative);

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !BuildOutput().IsMatch(Relative(file)));

    private static string Relative(string file) => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');

    [GeneratedRegex("(^|/)(bin|obj)/", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BuildOutput();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UnfinishedMark();
}
