using Wasmrun.Manifest.Interpolation;

namespace Wasmrun.Manifest.Reading;

/// <summary>
/// Makes a path of the user's machine absolute, from the folder of the text it was written in, or from home for <c>~</c>.
/// </summary>
internal static class HostPath
{
    public static string Resolve(string written, string baseDirectory, VariableScope scope)
    {
        // A NUL has been reported where it was read; the system's path functions throw on it.
        var path = written.Replace('\0', '\uFFFD');
        if (path is "~" || path.StartsWith("~/", StringComparison.Ordinal))
        {
            var home = scope.Lookup("HOME")
                ?? scope.Lookup("USERPROFILE")
                ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            path = Path.Join(home, path[1..]);
        }

        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, baseDirectory));
    }
}
