using System.Runtime.InteropServices;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>Gives a file a second name, or makes a copy where a file cannot have two.</summary>
internal static partial class HardLink
{
    /// <summary>The target's folder is there, and the target is not.</summary>
    /// <exception cref="IOException">The file can neither be linked nor copied.</exception>
    public static void Make(string source, string target)
    {
        if (OperatingSystem.IsWindows() || Link(source, target) != 0)
        {
            File.Copy(source, target);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string source, string target);
}
