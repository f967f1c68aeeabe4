using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Wasmrun.Runtimes.Packages.Keeping;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>
/// Images on disk, in a folder of the user alone. An image is memory of a guest, which the sandbox holds as it does every guest's: a file that
/// is not whole or not understood is as good as none.
/// </summary>
internal static class ImageFile
{
    private const int LengthBytes = 4;
    private const int MostHeadBytes = 16 << 20;

    /// <summary>The image in a file, null when there is none that can be used. Its time is when it was last used.</summary>
    public static EngineImage? Read(string path, TimeProvider time)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            if (length is <= 0 or > MostHeadBytes || JsonSerializer.Deserialize(bytes.AsSpan(LengthBytes, length), NodeJson.Default.ImageHead) is not { } head)
            {
                return null;
            }

            var pages = bytes.AsSpan(LengthBytes + length).ToArray();
            return EngineMemory.IsWhole(head.Length, head.Places, pages.Length) && HashOf(pages) == head.Hash
                ? new(new(head.Length, head.Places, pages), head.Engine, head.Host, head.Facts)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Keeps an image, if it can be kept; it appears whole or not at all.</summary>
    public static void Write(string path, EngineImage image)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(
            new(image.Memory.Length, image.Memory.Places.ToArray(), HashOf(image.Memory.Pages), image.Engine, image.Host, image.Facts), NodeJson.Default.ImageHead);
        var length = new byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, head.Length);
        try
        {
            PrivateFolder.Make(Path.GetDirectoryName(path)!);
            var unfinished = $"{path}.{Guid.NewGuid():N}";
            using (var file = File.Create(unfinished))
            {
                file.Write(length);
                file.Write(head);
                file.Write(image.Memory.Pages);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Packages.PackageFetchException)
        {
            // The next process makes it again.
        }
    }

    private static string HashOf(ReadOnlySpan<byte> pages) => Convert.ToHexStringLower(SHA256.HashData(pages));
}
