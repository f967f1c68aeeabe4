using Wasmrun.Runtimes.Python;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>What starts a folder, and where its packages are.</summary>
public sealed class PythonProjectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("app.py main.py", null, null, "file app.py")]
    [InlineData("asgi.py __main__.py", null, null, "file asgi.py")]
    [InlineData("app.py server.py", "server.py", null, "file server.py")]
    [InlineData("app.py server.py", "server", null, "file server.py")]
    [InlineData("tool/__main__.py", "tool", null, "file tool/__main__.py")]
    [InlineData("app.py", "shop.web:create_app()", null, "app shop.web:create_app()")]
    [InlineData("app.py", null, "shop:application", "app shop:application")]
    [InlineData("app.py server.py", "server.py", "shop:application", "file server.py")]
    public void Entry_IsFound(string files, string? written, string? flask, string expected)
    {
        Write(files);
        Assert.Equal(expected, Find(written, flask));
    }

    [Theory]
    [InlineData("[tool.wasmrun]\nentrypoint = 'server.py'", "file server.py")]
    [InlineData("[project.scripts]\nshop = 'shop.cli:main'", "call shop.cli:main")]
    [InlineData("[project.scripts]\nshop = 'shop.cli:main'\n[tool.wasmrun]\nentrypoint = 'shop:app'", "app shop:app")]
    [InlineData("[project.scripts]\na = 'a:main'\nb = 'b:main'", "file app.py")]
    [InlineData("[build-system]\nrequires = []", "file app.py")]
    public void ProjectFile_IsAskedBeforeTheUsualFiles(string toml, string expected)
    {
        Write("app.py server.py");
        _folder.Write(PythonProjectFile.Name, toml);
        Assert.Equal(expected, Find(null, null));
    }

    [Fact]
    public void BrokenProjectFile_IsTold()
    {
        _folder.Write(PythonProjectFile.Name, "[tool");
        Assert.Contains("pyproject.toml' cannot be read", Assert.Throws<ModuleLoadException>(() => Find(null, null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "has none of app.py, main.py, wsgi.py, asgi.py, __main__.py; set 'entrypoint'")]
    [InlineData("nothing.py", "the entrypoint 'nothing.py' is not in the project")]
    public void MissingEntry_IsTold(string? written, string expected)
    {
        Assert.Contains(expected, Assert.Throws<ModuleLoadException>(() => Find(written, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_AreFoundWhereToolsPutThem()
    {
        foreach (var place in new[] { ".venv/lib/python3.12/site-packages", "venv/lib/python3.11/site-packages", "__pypackages__/3.12/lib", "vendor", "site-packages" })
        {
            Directory.CreateDirectory(_folder.Sub(place));
        }

        Assert.Equal(
            ["/app/.venv/lib/python3.12/site-packages", "/app/venv/lib/python3.11/site-packages", "/app/__pypackages__", "/app/vendor", "/app/site-packages", "/app/__pypackages__/3.12/lib"],
            PythonProject.FindPackages(_folder.Path));
    }

    private void Write(string files)
    {
        foreach (var file in files.Split(' '))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.Sub(file))!);
            _folder.Write(file, string.Empty);
        }
    }

    private string Find(string? written, string? flask)
    {
        var environment = flask is null ? [] : new Dictionary<string, string>(StringComparer.Ordinal) { ["FLASK_APP"] = flask };
        var entry = PythonProject.FindEntry(_folder.Path, written, environment);
        return $"{entry.Kind} {entry.Target}";
    }
}
