using System.Globalization;
using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// What an interpreter says that has come to where the project begins: it exits with a code that names a file, and in that stands what it
/// has imported. It is a guest that says so, and nothing but its own project's next start depends on it.
/// </summary>
/// <param name="Notes">What the image depends on.</param>
/// <param name="IsKept">Whether others may begin with its memory.</param>
internal sealed record PausedGuest(ImageNotes Notes, bool IsKept)
{
    private const int Mark = 0x57000000;
    private const int MaxNotes = 1 << 20;
    private const string KeptMark = "keep\n";

    /// <summary>The meaning of an exit code, or null when it is one.</summary>
    /// <param name="descriptors">How many the guest began with.</param>
    public static PausedGuest? Take(GuestFiles files, int code, int descriptors)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{PythonRuntime.ByteCodePath}/pause-{code & 0xFFFFFF:x6}");
        if ((code & ~0xFFFFFF) != Mark || Read(files, path) is not { } text)
        {
            return null;
        }

        var isKept = text.StartsWith(KeptMark, StringComparison.Ordinal) && files.OpenDescriptors == descriptors;
        return new(new(text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..]), isKept);
    }

    private static string? Read(GuestFiles files, string path)
    {
        if (files.Open(path, GuestFileModes.Read, out var descriptor) != Errno.None)
        {
            return null;
        }

        var bytes = new byte[MaxNotes];
        var length = 0;
        while (length < bytes.Length && files.Read(descriptor, bytes.AsSpan(length), -1, out var count) == Errno.None && count > 0)
        {
            length += count;
        }

        files.Close(descriptor);
        files.Unlink(path);
        return length < bytes.Length ? Encoding.UTF8.GetString(bytes.AsSpan(0, length)) : null;
    }
}
