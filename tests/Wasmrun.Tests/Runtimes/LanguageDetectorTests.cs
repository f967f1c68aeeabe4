using Wasmrun.Runtimes.Projects;
using Wasmrun.Tests.Sandbox;

namespace Wasmrun.Tests.Runtimes;

/// <summary>A project's language is told from the files at its top.</summary>
public sealed class LanguageDetectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("package.json", "nodejs")]
    [InlineData("server.js", "nodejs")]
    [InlineData("requirements.txt", "python")]
    [InlineData("pyproject.toml", "python")]
    [InlineData("app.py", "python")]
    [InlineData("readme.txt", null)]
    public void Language_ShowsInAFileOfTheFolder(string file, string? language)
    {
        _folder.Write(file, "text");

        Assert.Equal(language, LanguageDetector.Detect(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();
}
