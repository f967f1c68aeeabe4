namespace Wasmrun.Tests.Sandbox;

/// <summary>A folder of one test, gone with everything in it when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("wasmrun-test-").FullName;

    public string Sub(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = Sub(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string Write(string name, string text)
    {
        var path = Sub(name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
