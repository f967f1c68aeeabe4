using System.Runtime.InteropServices;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>What tests do on the host that .NET has no call for.</summary>
internal static partial class HostCalls
{
    private const int CurrentFolder = -100;
    private const uint ExchangeFlag = 2;
    private const uint UserOnly = 0x180; // rw-------

    /// <summary>Swaps two names at once, so that neither is ever missing.</summary>
    public static void Exchange(string path, string other) =>
        Check(RenameAt2(CurrentFolder, path, CurrentFolder, other, ExchangeFlag), path);

    public static void Move(string path, string target) => Check(Rename(path, target), path);

    public static void MakePipe(string path) => Check(MakeFifo(path, UserOnly), path);

    public static void HardLink(string path, string name) => Check(Link(path, name), path);

    private static void Check(int result, string path)
    {
        if (result != 0)
        {
            throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int folder, string path, int otherFolder, string other, uint flags);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string path, string target);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string path, string name);
}
