using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Modules;
using Wasmrun.Tests.Sandbox.FileSystem;

namespace Wasmrun.Tests.Sandbox.Modules;

/// <summary>
/// Compiled code is kept and found again, never taken from anybody else, and never a reason for a start to fail. Each engine
/// in here stands for another process of the same user.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class CodeCacheTests : IDisposable
{
    private const string Text = "(module (memory (export \"memory\") 1) (func (export \"_start\")))";

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _warnings = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Cache => _folder.Sub("cache");

    private static string KnownHash => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    private string Entry => Path.Combine(Cache, CodeCache.FileName(SHA256.HashData(Encoding.UTF8.GetBytes(Text))));

    [Fact]
    public async Task Keeps_CodeForTheUserAlone()
    {
        await LoadAsync();

        Assert.Empty(_warnings);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Cache));
        Assert.All(Directory.GetFiles(Cache), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Equal(2, Directory.GetFiles(Cache).Length);
    }

    [Fact]
    public async Task Finds_CodeAgainWithoutWritingIt()
    {
        await LoadAsync();
        var written = await File.ReadAllBytesAsync(Entry, Token);

        await LoadAsync();

        // A nonce is drawn whenever an entry is written, so equal bytes were not written again.
        Assert.Equal(written, await File.ReadAllBytesAsync(Entry, Token));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task Runs_CodeThatComesFromTheCache()
    {
        var path = House.Repository.PathOf("tests/guests/http.wasm");
        using (var first = Engine())
        {
            await first.LoadAsync(path, Token);
        }

        using var sandbox = new TestSandbox(Cache);
        Assert.Equal(new InstanceExit.Exited(5), await sandbox.RunAsync(
            $"(module {TestSandbox.Prelude} (data (i32.const 0) \"kept\") (func (export \"_start\") (call $proc_exit (i32.const 5))))"));
        Assert.NotNull(await sandbox.LoadAsync("http"));
    }

    [Fact]
    public async Task DoesNotRead_AModuleOfKnownContent_WhoseCodeIsKept()
    {
        await LoadAsync();
        using var engine = Engine();

        Assert.Equal(KnownHash, (await engine.LoadKnownAsync(_folder.Sub("nowhere.wat"), KnownHash, Token)).ContentHash);
        Assert.Equal(KnownHash, (await engine.LoadKnownLibraryAsync(_folder.Sub("nowhere.wat"), KnownHash, Token)).ContentHash);
    }

    [Fact]
    public async Task Refuses_AModuleOfKnownContent_ThatHoldsSomethingElse()
    {
        using var engine = Engine();
        var path = _folder.Write("guest.wat", Text + "\n");

        var refused = await Assert.ThrowsAsync<ModuleLoadException>(() => engine.LoadKnownAsync(path, KnownHash, Token));

        Assert.Contains("is damaged", refused.Message, StringComparison.Ordinal);
        _folder.Write("guest.wat", Text);
        Assert.Equal(KnownHash, (await engine.LoadKnownAsync(path, KnownHash, Token)).ContentHash);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(-1)]
    public async Task Recompiles_ADamagedEntry(int at)
    {
        await LoadAsync();
        var bytes = await File.ReadAllBytesAsync(Entry, Token);
        var damaged = bytes.ToArray();
        damaged[at < 0 ? damaged.Length + at : at] ^= 1;
        await File.WriteAllBytesAsync(Entry, damaged, Token);

        await LoadAsync();

        Assert.Contains("is damaged or foreign; it is not used and compiled again", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.NotEqual(damaged, await File.ReadAllBytesAsync(Entry, Token));
        await LoadAsync();
        Assert.Single(_warnings);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    public async Task Recompiles_ATruncatedEntry(int length)
    {
        await LoadAsync();
        await File.WriteAllBytesAsync(Entry, (await File.ReadAllBytesAsync(Entry, Token))[..length], Token);

        await LoadAsync();

        Assert.Single(_warnings);
    }

    [Fact]
    public async Task Replaces_APipeInPlaceOfAnEntryWithoutWaitingForIt()
    {
        await LoadAsync();
        File.Delete(Entry);
        HostCalls.MakePipe(Entry);

        await LoadAsync();

        Assert.Contains("is damaged or foreign; it is not used and compiled again", Assert.Single(_warnings), StringComparison.Ordinal);
        await LoadAsync();
        Assert.Single(_warnings);
    }

    [Fact]
    public async Task Replaces_APipeInPlaceOfTheSecretWithoutWaitingForIt()
    {
        await LoadAsync();
        File.Delete(Path.Combine(Cache, "seal"));
        HostCalls.MakePipe(Path.Combine(Cache, "seal"));

        await LoadAsync();
        await LoadAsync();

        Assert.Equal(CodeSeal.SecretBytes, (await File.ReadAllBytesAsync(Path.Combine(Cache, "seal"), Token)).Length);
    }

    [Fact]
    public async Task Recompiles_AnEntryOfAnotherUserEvenIfItIsWhole()
    {
        using var theirs = new TemporaryFolder();
        using (var engine = new SandboxEngine(new() { CacheDirectory = theirs.Sub("cache") }))
        {
            await engine.LoadAsync(_folder.Write("guest.wat", Text), Token);
        }

        await LoadAsync();
        File.Copy(Path.Combine(theirs.Sub("cache"), Path.GetFileName(Entry)), Entry, overwrite: true);
        File.SetUnixFileMode(Entry, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await LoadAsync();

        Assert.Contains("damaged or foreign", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recompiles_AnEntryThatLiesUnderTheNameOfAnother()
    {
        const string other = "(module (memory (export \"memory\") 2) (func (export \"_start\") unreachable))";
        await LoadAsync(other);
        await LoadAsync();
        File.Copy(Path.Combine(Cache, CodeCache.FileName(SHA256.HashData(Encoding.UTF8.GetBytes(other)))), Entry, overwrite: true);

        await LoadAsync();

        Assert.Contains("damaged or foreign", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recompiles_AnEntryThatOthersMayWrite()
    {
        await LoadAsync();
        File.SetUnixFileMode(Entry, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);

        await LoadAsync();

        Assert.Contains("may be written by others", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Entry));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task Refuses_AFolderThatOthersMayWrite(UnixFileMode mode)
    {
        Directory.CreateDirectory(Cache);
        File.SetUnixFileMode(Cache, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | mode);

        await LoadAsync();

        Assert.Contains("the folder may be written by others", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Cache));
    }

    [Fact]
    public async Task Refuses_AFolderOfAnotherUser()
    {
        var theirs = "/usr";
        if (Environment.IsPrivilegedProcess)
        {
            theirs = Directory.CreateDirectory(Cache).FullName;
            Assert.Equal(0, ChangeOwner(theirs, 65534, 65534));
        }

        using var engine = new SandboxEngine(new() { CacheDirectory = theirs, Warn = _warnings.Enqueue });

        Assert.NotNull(await engine.LoadAsync(_folder.Write("guest.wat", Text), Token));
        Assert.Contains("the folder belongs to another user", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_ASecretThatOthersMayRead()
    {
        await LoadAsync();
        File.SetUnixFileMode(Path.Combine(Cache, "seal"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        await LoadAsync();

        Assert.Contains("its file 'seal' may be read or written by others", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Makes_ANewSecretWhenTheOldOneIsDamaged()
    {
        await LoadAsync();
        await File.WriteAllBytesAsync(Path.Combine(Cache, "seal"), [1, 2, 3], Token);

        await LoadAsync();
        await LoadAsync();

        Assert.Contains("damaged or foreign", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starts_WhenTheCacheCannotBeMade()
    {
        _folder.Write("cache", "a file where the folder should be");

        await LoadAsync();

        Assert.StartsWith($"compiled code cannot be kept in {Cache}: ", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starts_WhenTheDiskIsFull()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Skip("this system has no /dev/full");
        }

        Directory.CreateDirectory(Cache, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var engine = new SandboxEngine(new() { CacheDirectory = "/dev/full/cache", Warn = _warnings.Enqueue });

        Assert.NotNull(await engine.LoadAsync(_folder.Write("guest.wat", Text), Token));
        Assert.Single(_warnings);
    }

    [Fact]
    public async Task Keeps_TheSizeAndDropsWhatWasNotUsedForLongest()
    {
        string[] texts = [.. Enumerable.Range(0, 4).Select(i => $"(module (memory (export \"memory\") 1) (func (export \"_start\") (drop (i32.const {i}))))")];
        string[] names = [.. texts.Select(text => CodeCache.FileName(SHA256.HashData(Encoding.UTF8.GetBytes(text))))];
        await LoadAsync(texts[0]);
        var size = new FileInfo(Path.Combine(Cache, names[0])).Length;
        await LoadAsync(texts[1]);
        await LoadAsync(texts[2]);
        foreach (var (name, age) in names.Zip([3, 1, 2]))
        {
            File.SetLastWriteTimeUtc(Path.Combine(Cache, name), new DateTime(2026, 1, 10 - age, 0, 0, 0, DateTimeKind.Utc));
        }

        // Used again, the oldest becomes the youngest.
        await LoadAsync(texts[0]);
        await LoadAsync(texts[3], maxBytes: (size * 2) + (size / 2));

        Assert.Equal(
            new[] { names[0], names[3] }.Order(StringComparer.Ordinal),
            Directory.GetFiles(Cache, "*.code").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task Removes_WhatADeadRunnerLeftHalfWritten()
    {
        await LoadAsync();
        var dead = Path.Combine(Cache, "dead.tmp");
        var alive = Path.Combine(Cache, "alive.tmp");
        await File.WriteAllTextAsync(dead, "half", Token);
        await File.WriteAllTextAsync(alive, "half", Token);
        File.SetLastWriteTimeUtc(dead, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        await LoadAsync("(module (func (export \"_start\")))");

        Assert.False(File.Exists(dead));
        Assert.True(File.Exists(alive));
    }

    [Fact]
    public async Task Survives_ManyRunnersAtOnce()
    {
        var path = _folder.Write("guest.wat", Text);
        await Parallel.ForAsync(0, 24, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (_, token) =>
        {
            using var engine = Engine();
            Assert.NotNull(await engine.LoadAsync(path, token));
        });

        Assert.Empty(_warnings);
        Assert.Equal(["seal", Path.GetFileName(Entry)], Directory.GetFiles(Cache).Select(Path.GetFileName).OrderDescending(StringComparer.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    private SandboxEngine Engine(long maxBytes = 1 << 30) => new(new() { CacheDirectory = Cache, CacheBytes = maxBytes, Warn = _warnings.Enqueue });

    private async Task LoadAsync(string text = Text, long maxBytes = 1 << 30)
    {
        using var engine = Engine(maxBytes);
        Assert.NotNull(await engine.LoadAsync(_folder.Write("guest.wat", text), Token));
    }
}
