using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Wasmrun.Runtimes.Packages.Keeping;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>
/// Images on disk, in a folder of the user alone. An image is memory of a guest, which the sandbox holds as it does every guest's: a file that
/// is not whole or not understood is as good as none.
/// </summary>
internal static class ImageFile
{
    private const int LengthBytes = 4;
    private const int MostHeadBytes = 1 << 20;
    private const int MostFilesBytes = 64 << 20;

    /// <summary>The image in a file, null when there is none that can be used. Its time is when it was last used.</summary>
    public static EngineImage? Read(string path, TimeProvider time)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var head = ReadHead(file, out var at);
            if (head is not { FilesBytes: >= 0 and <= MostFilesBytes } || ReadBytes(file, at, head.FilesBytes) is not { } files)
            {
                return null;
            }

            var sum = new Checksum();
            sum.Add(files);
            if (EngineMemory.Read(file, at + files.Length, head.Length, head.Runs, sum) is not { } memory || sum.ToString() != head.Checksum)
            {
                return null;
            }

            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
            return new(memory, head.Engine, head.Host, head.Facts, head.Facts is null ? null : new(files));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Keeps an image, if it can be kept; it appears whole or not at all.</summary>
    public static void Write(string path, EngineImage image)
    {
        var files = image.Files?.Text ?? [];
        var sum = new Checksum();
        sum.Add(files);
        image.Memory.AddTo(sum);
        var head = JsonSerializer.SerializeToUtf8Bytes(
            new(image.Memory.Length, [.. image.Memory.Runs], sum.ToString(), image.Engine, image.Host, image.Facts, files.Length), NodeJson.Default.ImageHead);
        var length = new byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, head.Length);
        Keep(path, file =>
        {
            file.Write(length);
            file.Write(head);
            file.Write(files);
            image.Memory.WriteTo(file);
        });
    }

    /// <summary>Writes a file that appears whole or not at all. Where it cannot be kept, the next process makes it again.</summary>
    public static void Keep(string path, Action<FileStream> write)
    {
        try
        {
            PrivateFolder.Make(Path.GetDirectoryName(path)!);
            var unfinished = $"{path}.{Guid.NewGuid():N}";
            using (var file = File.Create(unfinished))
            {
                write(file);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Packages.PackageFetchException)
        {
        }
    }

    private static ImageHead? ReadHead(SafeFileHandle file, out long end)
    {
        end = 0;
        var count = ReadBytes(file, 0, LengthBytes) is { } length ? BinaryPrimitives.ReadInt32LittleEndian(length) : 0;
        if (count is <= 0 or > MostHeadBytes || ReadBytes(file, LengthBytes, count) is not { } text)
        {
            return null;
        }

        end = LengthBytes + count;
        return JsonSerializer.Deserialize(text, NodeJson.Default.ImageHead);
    }

    private static byte[]? ReadBytes(SafeFileHandle file, long at, int count)
    {
        var bytes = new byte[count];
        return RandomAccess.Read(file, bytes, at) == count ? bytes : null;
    }
}
