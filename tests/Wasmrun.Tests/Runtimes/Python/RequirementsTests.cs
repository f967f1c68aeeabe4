using Wasmrun.Runtimes.Python;
using Wasmrun.Tests.Manifest;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>Requirements of a project, and which of them are not there.</summary>
public sealed class RequirementsTests : IDisposable
{
    private readonly TemporaryFolder _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Names_AreReadFromAllFiles_AndNormalised()
    {
        _project.Write("requirements.txt", """
            # a comment
            Flask==3.0.0  # another
            zope.interface>=5
            -r more/base.txt
            --index-url https://example.test/simple
            requests[socks] ~= 2.0
            pywin32; sys_platform == "win32"
            local @ file:///tmp/local
            ./relative
            """);
        _project.Write("more/base.txt", "Ruamel_Yaml\n-r ../requirements.txt\n");
        _project.Write("pyproject.toml", "[project]\nname = 'x'\ndependencies = ['itsdangerous>=2', 'tomli; python_version < \"3.11\"']\n");

        Assert.Equal(["flask", "itsdangerous", "local", "requests", "ruamel-yaml", "zope-interface"], RequirementNames.Of(_project.Path));
    }

    [Theory]
    [InlineData("vendor/Flask-3.0.0.dist-info/METADATA", "/app/vendor")]
    [InlineData("vendor/flask/__init__.py", "/app/vendor")]
    [InlineData("vendor/flask.py", "/app/vendor")]
    [InlineData(".wasmrun/site-packages/flask-3.0.0.dist-info/METADATA", "/app/.wasmrun/site-packages")]
    [InlineData(".venv/lib/python3.12/site-packages/Flask.egg-info/PKG-INFO", "/app/.venv/lib/python3.12/site-packages")]
    public void Installed_IsWhatPipNotedOrWhatHasTheName(string file, string folder)
    {
        _project.Write("requirements.txt", "FLASK\n");
        _project.Write(file, string.Empty);

        Assert.Contains(folder, PythonProject.FindPackages(_project.Path));
        Assert.Null(MissingRequirements.Advice(_project.Path, PythonProject.FindPackages(_project.Path)));
    }

    [Fact]
    public void Missing_IsNamedWithTheCommand()
    {
        _project.Write("requirements.txt", "flask\nredis>=5\nwheel\n");
        _project.Write("vendor/redis/__init__.py", string.Empty);

        var advice = MissingRequirements.Advice(_project.Path, ["/.wasmrun/python", "/app/vendor"]);

        Assert.StartsWith($"the project '{_project.Path}' lacks flask; install with --install, or with: python3 -m pip install ", advice, StringComparison.Ordinal);
        Assert.EndsWith(
            $"--target {_project.Path}/.wasmrun/site-packages --upgrade --only-binary :all: --python-version 3.12 -r {_project.Path}/requirements.txt", advice, StringComparison.Ordinal);
    }

    [Fact]
    public void LinkThatLeadsOutOfTheProject_IsNotRead()
    {
        _project.Write("outside.txt", "secret-package\n");
        var project = Directory.CreateDirectory(Path.Combine(_project.Path, "project")).FullName;
        File.CreateSymbolicLink(Path.Combine(project, "requirements.txt"), "../outside.txt");

        Assert.Empty(RequirementNames.Of(project));
    }

    [Fact]
    public void EndlessFile_IsNotRead()
    {
        File.CreateSymbolicLink(Path.Combine(_project.Path, "requirements.txt"), "/dev/zero");

        Assert.Empty(RequirementNames.Of(_project.Path));
    }

    [Fact]
    public void WithoutRequirements_NothingIsMissing() => Assert.Null(MissingRequirements.Advice(_project.Path, []));
}
