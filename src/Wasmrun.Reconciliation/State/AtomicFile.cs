using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Wasmrun.Reconciliation.State;

/// <summary>A small JSON file that is replaced as a whole: whoever reads it, after a kill too, finds the old content or the new one.</summary>
internal static class AtomicFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Null when the file is missing or was damaged.</summary>
    public static T? Read<T>(string path, JsonTypeInfo<T> contract)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), contract);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes beside the file and puts it in its place.</summary>
    /// <param name="toDisk">Whether it is to outlive the machine's sudden end too, and not only this process's.</param>
    /// <exception cref="IOException">It cannot be stored.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public static void Write<T>(string path, T value, JsonTypeInfo<T> contract, bool toDisk)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly);
        }

        var fresh = path + ".new";
        try
        {
            using (var file = File.Create(fresh))
            {
                JsonSerializer.Serialize(file, value, contract);
                file.Flush(toDisk);
            }

            File.Move(fresh, path, overwrite: true);
        }
        catch (IOException)
        {
            // On a full disk a beginning would be left.
            File.Delete(fresh);
            throw;
        }
    }
}
