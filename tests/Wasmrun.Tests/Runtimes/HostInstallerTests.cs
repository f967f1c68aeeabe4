using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Wasmrun.Runtimes;
using Wasmrun.Runtimes.Python;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Manifest;
using Wasmrun.Tests.Runtimes.Packages;
using Wasmrun.Tests.Sandbox.FileSystem;

namespace Wasmrun.Tests.Runtimes;

/// <summary>Installing what a Python project lacks, by the host's pip, from a folder of wheels or an index.</summary>
public sealed class HostInstallerTests : IDisposable
{
    private const int Rounds = 3_000;

    /// <summary>A race that never happened proves nothing, so the rounds go on until both sides were seen, up to here.</summary>
    private const int MostRounds = 60_000;

    private readonly TemporaryFolder _project = new();
    private readonly List<string> _told = [];
    private readonly List<string> _all = [];

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task MissingRequirements_AreInstalledBesideTheProject()
    {
        await RequirePipAsync();
        Wheel("tiny");
        _project.Write("requirements.txt", "--no-index\n--find-links wheels\ntiny\n");

        Assert.Null(await InstallAsync());
        Assert.Null(await InstallAsync());

        Assert.Equal("print('tiny')\n", await File.ReadAllTextAsync(Path.Combine(_project.Path, ".wasmrun", "site-packages", "tiny.py"), TestContext.Current.CancellationToken));
        Assert.Equal([$"installing tiny for '{_project.Path}'"], _told);
    }

    [Fact]
    public async Task MissingRequirements_ComeFromThePackageIndex()
    {
        await RequirePipAsync();
        Wheel("tiny");
        var wheel = await File.ReadAllBytesAsync(Path.Combine(_project.Path, "wheels", "tiny-1.0-py3-none-any.whl"), TestContext.Current.CancellationToken);
        await using var index = await TestRegistry.StartAsync();
        index.Intercept = async context =>
        {
            var isWheel = context.Request.Path.Value!.EndsWith(".whl", StringComparison.Ordinal);
            context.Response.ContentType = isWheel ? "application/octet-stream" : "text/html";
            var page = $"<!DOCTYPE html><a href=\"/tiny-1.0-py3-none-any.whl#sha256={Convert.ToHexStringLower(SHA256.HashData(wheel))}\">tiny-1.0-py3-none-any.whl</a>";
            await context.Response.Body.WriteAsync(isWheel ? wheel : Encoding.UTF8.GetBytes(page), TestContext.Current.CancellationToken);
            return true;
        };
        _project.Write("requirements.txt", $"--index-url {index.Address}simple/\ntiny>=1\n");

        Assert.Null(await InstallAsync());

        Assert.True(File.Exists(Path.Combine(_project.Path, ".wasmrun", "site-packages", "tiny.py")));
        Assert.Contains(index.Requests, request => request.StartsWith("/simple/tiny/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatCannotBeHad_IsSaidWithTheReason()
    {
        await RequirePipAsync();
        _project.Write("requirements.txt", "--no-index\nabsent-package\n");

        var complaint = await InstallAsync();

        Assert.Contains("No matching distribution found for absent-package", complaint, StringComparison.Ordinal);
        Assert.StartsWith($"absent-package cannot be installed for '{_project.Path}':\n    ERROR: ", complaint, StringComparison.Ordinal);
        Assert.Contains("\n    to try it by hand: python3 -m pip install", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IndexThatCannotBeReached_IsSaidOnce_AndEachAttemptToWhoWantsAll()
    {
        await RequirePipAsync();
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var port = ((IPEndPoint)nobody.LocalEndpoint).Port;
        nobody.Stop();
        _project.Write("requirements.txt", $"--index-url http://127.0.0.1:{port}/simple/\nabsent-package\n");

        var complaint = await InstallAsync();

        Assert.Single(complaint!.Split('\n'), line => line.Contains("Connection refused", StringComparison.Ordinal));
        Assert.Contains("attempts)\n    ERROR: Could not find a version", complaint, StringComparison.Ordinal);
        Assert.Contains("No matching distribution found for absent-package", complaint, StringComparison.Ordinal);
        Assert.DoesNotContain("Retrying", complaint, StringComparison.Ordinal);
        Assert.True(_all.Count(line => line.StartsWith("pip: WARNING: Retrying", StringComparison.Ordinal)) > 1, string.Join('\n', _all));
    }

    [Fact]
    public void PipsRetries_AreToldByTheirReason()
    {
        string[] output =
        [
            "WARNING: Retrying (Retry(total=1, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f21>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/flask/",
            "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'ReadTimeoutError(\"HTTPSConnectionPool(host='pypi.org', port=443): Read timed out. (read timeout=15)\")': /simple/flask/",
            string.Empty,
            "WARNING: The repository located at x is not a trusted or secure host and is being ignored.  ",
            "ERROR: No matching distribution found for flask",
        ];

        Assert.Equal(
            [
                "HTTPSConnectionPool(host='pypi.org', port=443): Read timed out. (read timeout=15) (/simple/flask/, 3 attempts)",
                "WARNING: The repository located at x is not a trusted or secure host and is being ignored.",
                "ERROR: No matching distribution found for flask",
            ],
            PipComplaint.Of(output));
        Assert.Equal(
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution (/simple/flask/, 2 attempts)",
            Assert.Single(PipComplaint.Of(output[..1])));
    }

    [Fact]
    public async Task LinkInThePlaceOfTheFolder_IsNotFollowed()
    {
        _project.Write("requirements.txt", "tiny\n");
        Directory.CreateSymbolicLink(Path.Combine(_project.Path, ".wasmrun"), "..");

        Assert.Contains("is a link", await InstallAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("./pkg")]
    [InlineData("pkg @ file://{0}/pkg")]
    [InlineData("-e ./pkg")]
    public async Task PackageThatWouldHaveToBeBuilt_IsRefused_AndNoneOfItsCodeIsRun(string requirement)
    {
        await RequirePipAsync();
        _project.Write("requirements.txt", $"--no-index\n{string.Format(System.Globalization.CultureInfo.InvariantCulture, requirement, _project.Path)}\nabsent\n");
        var mark = Path.Combine(_project.Path, "was-run");
        _project.Write("pkg/setup.py", $"open({System.Text.Json.JsonSerializer.Serialize(mark)}, 'w')");

        Assert.Contains("only ready-made packages", await InstallAsync(), StringComparison.Ordinal);
        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task ModulesOfTheProject_AreNotRunInPlaceOfPip()
    {
        await RequirePipAsync();
        Wheel("tiny");
        var mark = Path.Combine(_project.Path, "was-run");
        foreach (var name in new[] { "pip", "runpy", "os", "site", "encodings" })
        {
            _project.Write($"{name}.py", $"open({System.Text.Json.JsonSerializer.Serialize(mark)}, 'w')");
        }

        _project.Write("requirements.txt", "--no-index\n--find-links wheels\ntiny\n");

        Assert.Null(await InstallAsync());
        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task LinkBelowTheFolder_DoesNotLeadFilesOutOfTheProject()
    {
        await RequirePipAsync();
        Wheel("tiny");
        _project.Write("requirements.txt", "--no-index\n--find-links wheels\ntiny\n");
        var outside = Directory.CreateDirectory(Path.Combine(_project.Path, "..", $"{Path.GetFileName(_project.Path)}-outside")).FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(_project.Path, ".wasmrun", "site-packages"));
            Directory.CreateSymbolicLink(Path.Combine(_project.Path, ".wasmrun", "site-packages", "tiny-1.0.dist-info.old"), outside);
            File.CreateSymbolicLink(Path.Combine(_project.Path, ".wasmrun", "site-packages", "tiny.py"), Path.Combine(outside, "tiny.py"));
            Directory.CreateSymbolicLink(Path.Combine(_project.Path, ".wasmrun", "site-packages", "__pycache__"), outside);

            await InstallAsync();

            Assert.Empty(Directory.GetFileSystemEntries(outside));
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    /// <summary>As a guest can do it while pip's files are copied: its folder is a link at one moment and a folder at the next.</summary>
    [Fact]
    public async Task FolderThatBecomesALinkMeanwhile_DoesNotLeadFilesOutOfTheProject()
    {
        using var outside = new TemporaryFolder();
        using var staging = new TemporaryFolder();
        staging.Write("a.py", "a");
        staging.Write("package/b.py", "b");
        staging.Write("package/inner/c.py", "c");
        var target = Path.Combine(_project.Path, ".wasmrun", "site-packages");
        Directory.CreateDirectory(Path.Combine(target, "package", "inner"));
        outside.Write("b.py", "the host's");
        Directory.CreateDirectory(Path.Combine(outside.Path, "inner"));
        var links = Directory.CreateDirectory(Path.Combine(_project.Path, "links")).FullName;
        string[] swapped = [Path.Combine(_project.Path, ".wasmrun"), target, Path.Combine(target, "package"), Path.Combine(target, "package", "inner")];
        for (var each = 0; each < swapped.Length; each++)
        {
            Directory.CreateSymbolicLink(Path.Combine(links, $"{each}"), outside.Path);
        }

        var (copied, refused) = await RaceAsync(
            round => HostCalls.Exchange(swapped[round % swapped.Length], Path.Combine(links, $"{round % swapped.Length}")),
            () =>
            {
                using var folder = new ConfinedFolder(_project.Path);
                folder.CopyFrom(staging.Path, PythonProject.InstalledFolder);
            });

        Assert.True(copied > 0 && refused > 0, $"no race took place: {copied} copied, {refused} were refused");
        Assert.Equal(["b.py", "inner"], Directory.GetFileSystemEntries(outside.Path, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("the host's", await File.ReadAllTextAsync(Path.Combine(outside.Path, "b.py"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task OtherLanguages_AreLeftAlone()
    {
        _project.Write("package.json", "{}");
        _project.Write("requirements.txt", "tiny\n");

        Assert.Null(await InstallAsync());
    }

    private Task<string?> InstallAsync() =>
        HostInstaller.InstallAsync(new(_project.Path, Language: null, Entrypoint: null), _told.Add, _all.Add, TestContext.Current.CancellationToken);

    /// <summary>Swaps each folder there and back, one after the other, while files are copied, until both sides have been seen often enough.</summary>
    private static async Task<(int Copied, int Refused)> RaceAsync(Action<int> swap, Action copy)
    {
        using var end = new CancellationTokenSource();
        var swapping = Task.Factory.StartNew(
            () =>
            {
                for (var round = 0; !end.IsCancellationRequested; round++)
                {
                    swap(round / 2);
                    Thread.SpinWait(round % 1000);
                }
            },
            end.Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var (copied, refused) = (0, 0);
        try
        {
            for (var round = 0; round < Rounds || ((copied == 0 || refused == 0) && round < MostRounds); round++)
            {
                try
                {
                    copy();
                    copied++;
                }
                catch (IOException)
                {
                    refused++;
                }
            }
        }
        finally
        {
            await end.CancelAsync();
            await swapping;
        }

        return (copied, refused);
    }

    private void Wheel(string name)
    {
        Directory.CreateDirectory(Path.Combine(_project.Path, "wheels"));
        using var wheel = ZipFile.Open(Path.Combine(_project.Path, "wheels", $"{name}-1.0-py3-none-any.whl"), ZipArchiveMode.Create);
        Add(wheel, $"{name}.py", $"print('{name}')\n");
        Add(wheel, $"{name}-1.0.dist-info/METADATA", $"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n");
        Add(wheel, $"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
        Add(wheel, $"{name}-1.0.dist-info/RECORD", string.Empty);
    }

    private static void Add(ZipArchive archive, string name, string text)
    {
        using var writer = new StreamWriter(archive.CreateEntry(name).Open());
        writer.Write(text);
    }

    private static async Task RequirePipAsync()
    {
        var isThere = false;
        try
        {
            using var pip = Process.Start(new ProcessStartInfo("python3", ["-m", "pip", "--version"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            await pip.WaitForExitAsync(TestContext.Current.CancellationToken);
            isThere = pip.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            // There is no python3.
        }

        var mayMiss = Environment.GetEnvironmentVariable("WASMRUN_TESTS_REQUIRE_ALL") is not ("1" or "true");
        Assert.SkipWhen(!isThere && mayMiss, "pip is not installed (Debian package python3-pip)");
        Assert.True(isThere, "pip is not installed (Debian package python3-pip), and WASMRUN_TESTS_REQUIRE_ALL is set");
    }
}
