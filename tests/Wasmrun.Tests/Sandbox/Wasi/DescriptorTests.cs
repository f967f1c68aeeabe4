using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>The life of descriptor numbers: given, closed, renumbered, given again, and bounded.</summary>
public sealed class DescriptorTests : IDisposable
{
    private const int Root = MountedGuest.Root;

    private readonly MountedGuest _mounted = new(Backing.Kernel);
    private readonly WasiGuest _guest;

    public DescriptorTests() => _guest = _mounted.Guest;

    /// <summary>Every function whose first parameter is a descriptor.</summary>
    public static TheoryData<string, string> OnDescriptors => new(WasiImports.All
        .Where(function => function.Name.StartsWith("fd_", StringComparison.Ordinal)
            || function.Name.StartsWith("sock_", StringComparison.Ordinal)
            || (function.Name.StartsWith("path_", StringComparison.Ordinal) && function.Name != "path_symlink"))
        .Select(function => (function.Name, function.Parameters)));

    public void Dispose() => _mounted.Dispose();

    [Theory]
    [MemberData(nameof(OnDescriptors))]
    public void Call_OnANumberThatIsNotOpenIsBad(string function, string parameters)
    {
        var closed = _guest.Open(Root, ".", OpenFlags.Directory);
        Assert.Equal(WasiErrno.None, _guest.Close(closed));
        foreach (var number in new[] { closed, 9999, -1, int.MinValue })
        {
            var arguments = parameters.Select((type, index) => index == 0 ? number : type == 'l' ? (ValueBox)0L : 0).ToArray();
            if (function == "sock_shutdown")
            {
                arguments[1] = 1;
            }

            Assert.Equal(WasiErrno.EBADF, _guest.Call(function, arguments));
        }
    }

    [Fact]
    public void Open_GivesTheLowestFreeNumber()
    {
        var numbers = Enumerable.Range(0, 5).Select(_ => _guest.Open(Root, ".", OpenFlags.Directory)).ToArray();
        Assert.Equal(Enumerable.Range(numbers[0], 5), numbers);
        Assert.Equal(WasiErrno.None, _guest.Close(numbers[3]));
        Assert.Equal(WasiErrno.None, _guest.Close(numbers[1]));
        Assert.Equal(numbers[1], _guest.Open(Root, ".", OpenFlags.Directory));
        Assert.Equal(numbers[3], _guest.Open(Root, ".", OpenFlags.Directory));
        Assert.Equal(numbers[4] + 1, _guest.Open(Root, ".", OpenFlags.Directory));
        Assert.Equal(WasiErrno.None, _guest.Close(0));
        Assert.Equal(0, _guest.Open(Root, ".", OpenFlags.Directory));
    }

    [Fact]
    public void Number_GivenAgainIsTheNewFileAlone()
    {
        _guest.WriteFile(Root, "first", "first");
        _guest.WriteFile(Root, "second", "second");
        var number = _guest.Open(Root, "first");
        Assert.Equal(WasiErrno.None, _guest.Close(number));
        Assert.Equal(WasiErrno.EBADF, _guest.Close(number));
        Assert.Equal(number, _guest.Open(Root, "second"));
        Assert.Equal("second", _guest.Read(number));
    }

    [Fact]
    public void Renumber_MovesAndClosesWhatWasThere()
    {
        _guest.WriteFile(Root, "first", "first");
        _guest.WriteFile(Root, "second", "second");
        var first = _guest.Open(Root, "first");
        var second = _guest.Open(Root, "second");
        Assert.Equal(WasiErrno.None, _guest.Call("fd_renumber", first, second));
        Assert.Equal("first", _guest.Read(second));
        Assert.Equal(WasiErrno.EBADF, _guest.Close(first));
        Assert.Equal(WasiErrno.None, _guest.Close(second));
        Assert.Equal(WasiErrno.EBADF, _guest.Close(second));
        Assert.DoesNotContain("second", OpenFiles());
    }

    /// <summary>A file of the host is a descriptor of the process, one in memory or a device is none.</summary>
    [Theory]
    [InlineData("host/file", "memory/file")]
    [InlineData("memory/file", "host/file")]
    [InlineData("host/file", "host/file")]
    [InlineData("host/file", "net/hostname")]
    [InlineData("host/file", "net/tcp/new")]
    [InlineData("net/tcp/new", "host/file")]
    public void Renumber_KeepsTheCountOfTheProcessDescriptors(string moved, string replaced)
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", "x");
        using var guest = new WasiGuest(new GuestMount.Host("/host", folder.Path, ReadOnly: false), new GuestMount.Temporary("/memory", 1 << 16));
        var root = Enumerable.Range(3, 4).First(fd => guest.PathStatus(fd, "memory", out _) == WasiErrno.None);
        guest.WriteFile(root, "memory/file", "x");
        var before = guest.Holding.Held;
        var to = guest.Open(root, replaced);
        var closed = guest.Holding.Held;
        var from = guest.Open(root, moved);
        var withBoth = guest.Holding.Held;

        Assert.Equal(WasiErrno.None, guest.Call("fd_renumber", from, to));

        Assert.Equal(before + withBoth - closed, guest.Holding.Held);
        Assert.Equal(WasiErrno.None, guest.Close(to));
        Assert.Equal(before, guest.Holding.Held);
    }

    /// <summary>Whatever way a descriptor comes and goes, what it takes of the process is given back with it.</summary>
    [Fact]
    public void Count_OfTheProcessDescriptorsComesBackHoweverOneIsOpenedAndClosed()
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", "x");
        using var guest = new WasiGuest(
            new GuestMount.Host("/host", folder.Path, ReadOnly: false),
            new GuestMount.Temporary("/host/below", 1 << 16),
            new GuestMount.Text("/text", new(new byte[8])));
        var root = Enumerable.Range(3, 4).First(fd => guest.PathStatus(fd, "text", out _) == WasiErrno.None);
        var before = guest.Holding.Held;
        foreach (var path in new[] { "host/file", "host", "host/below", ".", "text", "net", "net/tcp/new", "net/udp/new", "net/tcp/listen/8080", "net/signals", "net/hostname" })
        {
            Assert.Equal(WasiErrno.None, guest.Close(guest.Open(root, path)));
            Assert.Equal((path, before), (path, guest.Holding.Held));
        }

        var pair = guest.Open(root, "net/pair");
        var inode = guest.Status(pair).Inode;
        foreach (var path in new[] { "dup", "peek", "control", "mate" })
        {
            Assert.Equal(WasiErrno.None, guest.Close(guest.Open(root, $"net/ctl/{inode}/{path}")));
        }

        Assert.Equal(WasiErrno.None, guest.Close(pair));
        Assert.Equal(WasiErrno.ENOENT, guest.TryOpen(root, "host/missing", out _));
        Assert.Equal(WasiErrno.ENOTDIR, guest.TryOpen(root, "host/file", out _, OpenFlags.Directory));
        Assert.Equal(WasiErrno.EISDIR, guest.TryOpen(root, "host", out _, OpenFlags.None, Rights.Write));
        Assert.NotEqual(WasiErrno.None, guest.TryOpen(root, "net/tcp/connect/127.0.0.1/9", out _));
        Assert.Equal(before, guest.Holding.Held);
    }

    [Fact]
    public void Renumber_NeedsTwoOpenNumbers()
    {
        Assert.Equal(WasiErrno.EBADF, _guest.Call("fd_renumber", Root, 500));
        Assert.Equal(WasiErrno.EBADF, _guest.Call("fd_renumber", 500, Root));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_renumber", Root, Root));
        Assert.Equal(2, _guest.List(Root).Count);
    }

    [Fact]
    public void Close_GivesTheKernelsDescriptorBack()
    {
        _guest.WriteFile(Root, "held", "x");
        var numbers = Enumerable.Range(0, 50).Select(_ => _guest.Open(Root, "held")).ToArray();
        Assert.Equal(50, OpenFiles().Count(name => name == "held"));
        Assert.All(numbers, number => Assert.Equal(WasiErrno.None, _guest.Close(number)));
        Assert.DoesNotContain("held", OpenFiles());
    }

    [Fact]
    public void End_ClosesEverythingThatIsStillOpen()
    {
        using var folder = new TemporaryFolder();
        using (var guest = new WasiGuest(new GuestMount.Host("/", folder.Path, ReadOnly: false)))
        {
            guest.WriteFile(Root, "left-open", "x");
            _ = guest.Open(Root, "left-open");
            Assert.Contains("left-open", OpenFiles(folder));
        }

        Assert.Empty(OpenFiles(folder));
    }

    [Fact]
    public void Limit_IsAnErrorOfTheGuestAndMakesNothing()
    {
        using var folder = new TemporaryFolder();
        using var guest = new WasiGuest(options => options with
        {
            Mounts = [new GuestMount.Host("/data", folder.Path, ReadOnly: false)],
            DescriptorLimit = 20,
        });
        while (guest.TryOpen(Root, ".", out _, OpenFlags.Directory) == WasiErrno.None)
        {
            guest.Free();
        }

        Assert.Equal(20, guest.Descriptors.Count);
        Assert.Equal(WasiErrno.EMFILE, guest.TryOpen(Root, "new", out _, OpenFlags.Create, Rights.Write));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        Assert.Equal(WasiErrno.None, guest.Close(10));
        Assert.Equal(10, guest.Open(Root, "new", OpenFlags.Create, Rights.Write));
    }

    [Theory]
    [MemberData(nameof(OnDescriptors))]
    public void Call_WithEveryArgumentOutOfRangeChangesNothing(string function, string parameters)
    {
        _guest.WriteFile(Root, "file", "content");
        var file = _guest.Open(Root, "file", rights: Rights.All);
        foreach (var fd in new[] { file, Root, 1 })
        {
            var arguments = parameters.Select((type, index) => index == 0 ? fd : type == 'l' ? (ValueBox)(-1L) : -1).ToArray();
            var result = _guest.Call(function, arguments);
            Assert.True(result != WasiErrno.None || parameters == "i", $"{function} took nonsense for an argument");
        }

        Assert.Equal(["file"], Directory.GetFileSystemEntries(_mounted.Folder.Path).Select(Path.GetFileName));
        Assert.Equal("content", File.ReadAllText(_mounted.Folder.Sub("file")));
    }

    private IEnumerable<string> OpenFiles() => OpenFiles(_mounted.Folder);

    /// <summary>The names of what this process has open in a folder.</summary>
    private static IEnumerable<string> OpenFiles(TemporaryFolder folder) =>
    [
        .. Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Select(path => new FileInfo(path).LinkTarget)
            .Where(target => target?.StartsWith(folder.Path + "/", StringComparison.Ordinal) == true)
            .Select(target => Path.GetFileName(target)!),
    ];
}
