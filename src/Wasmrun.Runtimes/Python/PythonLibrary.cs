using System.Buffers.Binary;
using System.IO.Compression;
using Wasmrun.Runtimes.Packages.Keeping;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// The interpreter's standard library as a folder of compiled files. The interpreter carries it as a zip archive in its memory, and looking
/// through that takes it a good part of every start; unpacked once, it is mounted into every instance.
/// </summary>
internal static class PythonLibrary
{
    private const uint EndOfArchive = 0x06054B50;
    private const int EndBytes = 22;
    private const string Mark = "encodings/__init__.pyc";

    /// <summary>Unpacks the library unless it is there.</summary>
    /// <param name="parent">Made when missing.</param>
    /// <param name="name">Of the package that the module is from, with its hash.</param>
    /// <returns>The folder, or null when the module has no such archive and must be left to itself.</returns>
    public static string? Unpack(string modulePath, string parent, string name)
    {
        var folder = Path.Combine(parent, name);
        if (Directory.Exists(folder))
        {
            return folder;
        }

        using var archive = Find(ModuleMemory.Read(File.ReadAllBytes(modulePath)));
        if (archive is null)
        {
            return null;
        }

        CacheEntry.Make("Python's standard library", folder, archive.Entries.Sum(static entry => entry.Length), partial => archive.ExtractToDirectory(partial));
        return folder;
    }

    /// <summary>The archive whose end is found in the memory, and which holds the library.</summary>
    private static ZipArchive? Find(byte[] memory)
    {
        for (var at = memory.Length - EndBytes; at >= 0; at--)
        {
            var end = memory.AsSpan(at);
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndOfArchive)
            {
                continue;
            }

            var directory = (long)BinaryPrimitives.ReadUInt32LittleEndian(end[12..]) + BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            if (directory > at)
            {
                continue;
            }

            try
            {
                var archive = new ZipArchive(new MemoryStream(memory, (int)(at - directory), (int)directory + EndBytes, writable: false));
                if (archive.GetEntry(Mark) is not null)
                {
                    return archive;
                }

                archive.Dispose();
            }
            catch (InvalidDataException)
            {
                // The four letters may stand anywhere.
            }
        }

        return null;
    }
}
