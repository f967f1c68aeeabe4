using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Wasmrun.Tests.Runtimes.Packages;

/// <summary>
/// A file system of a few KiB. It is mounted where only one process of its own sees it, which the kernel lets others look into: nothing is left behind
/// when that process ends, and no rights are needed.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly Process _holder;

    private SmallDisk(Process holder) => _holder = holder;

    public string Path => string.Create(CultureInfo.InvariantCulture, $"/proc/{_holder.Id}/cwd");

    /// <summary>Skips the test, with the reason, where there is no such thing.</summary>
    public static async Task<SmallDisk> MountAsync(int kibibytes)
    {
        var script = string.Create(CultureInfo.InvariantCulture, $"mount -t tmpfs -o size={kibibytes}k none /mnt && cd /mnt && echo mounted && exec cat");
        string[] arguments = Environment.UserName is "root" ? ["--mount"] : ["--map-root-user", "--mount"];
        Process? holder = null;
        try
        {
            holder = Process.Start(new ProcessStartInfo("unshare", [.. arguments, "sh", "-c", script])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            if (await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is "mounted")
            {
                return new(holder);
            }

            Assert.Skip($"no file system can be mounted here: {await holder.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"no file system can be mounted here: {e.Message}");
        }

        throw new UnreachableException();
    }

    public void Dispose()
    {
        _holder.StandardInput.Close();
        _holder.WaitForExit();
        _holder.Dispose();
    }
}
