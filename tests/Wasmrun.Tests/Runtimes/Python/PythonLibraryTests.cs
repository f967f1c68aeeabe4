using System.IO.Compression;
using System.Text;
using Wasmrun.Runtimes.Python;
using Wasmrun.Tests.Sandbox;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>The standard library is found in a module's memory, however the module spells that.</summary>
public sealed class PythonLibraryTests : IDisposable
{
    private const string Name = "python-3.12.0-0123456789abcdef";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Library_IsUnpackedOnce()
    {
        var archive = Archive(("encodings/__init__.pyc", "code"), ("json/decoder.pyc", "more"));
        // In two pieces, with letters behind that only look like an end.
        var module = _folder.Write("python.wasm", Module((1000, archive[..40]), (1040, archive[40..]), (9000, Encoding.ASCII.GetBytes("PK\u0005\u0006" + new string('x', 40)))));

        var unpacked = PythonLibrary.Unpack(module, _folder.Sub("library"), Name);

        Assert.Equal(_folder.Sub("library", Name), unpacked);
        Assert.Equal("more", File.ReadAllText(Path.Combine(unpacked!, "json", "decoder.pyc")));
        File.Delete(module);
        Assert.Equal(unpacked, PythonLibrary.Unpack(module, _folder.Sub("library"), Name));
        Assert.Single(Directory.GetDirectories(_folder.Sub("library")));
    }

    [Fact]
    public void ModuleWithoutLibrary_IsLeftToItself()
    {
        var module = _folder.Write("other.wasm", Module((16, Archive(("other.txt", "text")))));
        Assert.Null(PythonLibrary.Unpack(module, _folder.Sub("library"), Name));
    }

    private static byte[] Archive(params (string Name, string Text)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in entries)
            {
                using var writer = new StreamWriter(archive.CreateEntry(name).Open());
                writer.Write(text);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>A module with nothing but data.</summary>
    private static byte[] Module(params (int Address, byte[] Bytes)[] segments)
    {
        List<byte> section = [.. Number(segments.Length)];
        foreach (var (address, bytes) in segments)
        {
            section.AddRange([0, 0x41, .. SignedNumber(address), 0x0B, .. Number(bytes.Length), .. bytes]);
        }

        return [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 11, .. Number(section.Count), .. section];
    }

    private static byte[] Number(int value) => value < 0x80 ? [(byte)value] : [(byte)(value & 0x7F | 0x80), .. Number(value >> 7)];

    private static byte[] SignedNumber(int value) => value < 0x40 ? [(byte)value] : [(byte)(value & 0x7F | 0x80), .. SignedNumber(value >> 7)];
}
