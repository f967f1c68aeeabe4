using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Driving;

public sealed class GuestDriverTests : IDisposable
{
    private const string Library =
        """
        (module
          (import "driver" "answer" (func $answer (result i32)))
          (memory (export "memory") 1)
          (func (export "twice") (result i32) (i32.mul (call $answer) (i32.const 2)))
          (func (export "spin") (loop $again (br $again)))
          (func (export "work") (loop $again (br_if $again (i32.eqz (i32.load (i32.const 0)))))))
        """;

    private readonly TestSandbox _sandbox = new();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _sandbox.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Driver_CallsTheLibraryAndAnswersItsExitCode() => Assert.Equal(
        new InstanceExit.Exited(42),
        await RunAsync(guest => guest.Instance.GetFunction<int>("twice")!()));

    [Fact]
    public async Task DrivenGuest_ThatSpinsIsStopped()
    {
        await using var instance = await CreateAsync(guest =>
        {
            guest.Instance.GetAction("spin")!();
            return 0;
        });
        instance.Start();
        instance.Stop();
        Assert.Equal(new InstanceExit.Stopped(), await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token));
    }

    [Fact]
    public async Task DrivenGuest_ThatComputesIsToldToEndUntilItTakesThat()
    {
        var asked = 0;
        await using var instance = await CreateAsync(
            guest =>
            {
                Assert.Equal(Errno.None, guest.Network.Stop.Termination.Listen(out _));
                _sandbox.Output.Write(GuestStream.Output, "works"u8);
                guest.Instance.GetAction("work")!();
                return asked;
            },
            guest =>
            {
                if (++asked == 3)
                {
                    Assert.True(guest.Network.Stop.Termination.TryTake());
                    guest.Instance.GetMemory("memory")!.WriteInt32(0, 1);
                }
            });
        instance.Start();
        await _sandbox.Output.Saw("works");

        instance.Terminate();

        Assert.Equal(new InstanceExit.Exited(3), await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token));
    }

    [Fact]
    public async Task DriverThatFails_IsTold() => Assert.IsType<InstanceExit.Failed>(
        await RunAsync(_ => throw new InvalidOperationException("no driver")));

    [Fact]
    public async Task Files_AreThoseOfTheMounts()
    {
        _folder.Write("one.txt", "eins");
        var seen = new List<string>();
        var exit = await RunAsync(guest =>
        {
            var files = guest.Files;
            Assert.Equal(Errno.None, files.List("/data", out var entries));
            seen.AddRange(entries.Select(entry => $"{entry.Kind} {entry.Name}"));
            Assert.Equal(Errno.None, files.Open("/data/two.txt", GuestFileModes.Write | GuestFileModes.Create, out var descriptor));
            Assert.Equal(Errno.None, files.Write(descriptor, "zwei"u8, position: -1, out _));
            Assert.Equal(Errno.None, files.Close(descriptor));
            Assert.Equal(Errno.None, files.Status("/data/two.txt", follow: true, out var status));
            Assert.Equal((GuestFileKind.File, 4UL), (status.Kind, status.Size));
            Assert.Equal(Errno.None, files.Rename("/data/two.txt", "/data/three.txt"));
            Assert.Equal(Errno.ENOENT, files.Open("/etc/passwd", GuestFileModes.Read, out _));
            Assert.Equal(Errno.EPERM, files.Open("/data/../../etc/passwd", GuestFileModes.Read, out _));
            Assert.Equal(Errno.None, files.Open("/data/one.txt", GuestFileModes.Read, out descriptor));
            var buffer = new byte[16];
            Assert.Equal(Errno.None, files.Read(descriptor, buffer, position: 1, out var count));
            seen.Add(Encoding.UTF8.GetString(buffer, 0, count));
            return 0;
        });
        Assert.Equal(new InstanceExit.Exited(0), exit);
        Assert.Equal(["File one.txt", "ins"], seen);
        Assert.Equal("zwei", await File.ReadAllTextAsync(Path.Combine(_folder.Path, "three.txt"), Token));
    }

    [Theory]
    [InlineData("/data")]
    [InlineData("/tmp")]
    public async Task LinkTarget_ThatIsNoPathIsRefused(string folder)
    {
        var longest = new string('a', 4095);
        var exit = await RunAsync(guest =>
        {
            var files = guest.Files;
            Assert.Equal(Errno.ENOENT, files.Symlink("", $"{folder}/link"));
            Assert.Equal(Errno.EINVAL, files.Symlink("a\0b", $"{folder}/link"));
            foreach (var target in new[] { longest + "a", new string('ü', 2048), new string('a', 1_000_000) })
            {
                Assert.Equal(Errno.ENAMETOOLONG, files.Symlink(target, $"{folder}/link"));
            }

            Assert.Equal(Errno.ENOENT, files.Status($"{folder}/link", follow: false, out _));
            Assert.Equal(Errno.None, files.Symlink(longest, $"{folder}/link"));
            Assert.Equal(Errno.None, files.ReadLink($"{folder}/link", out var kept));
            Assert.Equal(longest, kept);
            return 0;
        });
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }

    [Theory]
    [InlineData("/data")]
    [InlineData("/tmp")]
    public async Task Path_ThatIsNoneIsRefusedByEveryCall(string folder)
    {
        _folder.Write("one.txt", "eins");
        (string Path, Errno Expected)[] paths =
        [
            ("", Errno.ENOENT),
            ($"{folder}/a\0b", Errno.EINVAL),
            ($"{folder}/{new string('a', 1_000_000)}", Errno.ENAMETOOLONG),
            ($"{folder}/{new string('a', 4095)}", Errno.ENAMETOOLONG),
        ];
        var exit = await RunAsync(guest =>
        {
            var files = guest.Files;
            foreach (var (path, expected) in paths)
            {
                Errno[] answers =
                [
                    files.Open(path, GuestFileModes.Read, out _),
                    files.Open(path, GuestFileModes.Write | GuestFileModes.Create, out _),
                    files.Open(path, GuestFileModes.Directory, out _),
                    files.OpenFolder(path, out _),
                    files.List(path, out _),
                    files.Status(path, follow: true, out _),
                    files.Status(path, follow: false, out _),
                    files.SetTimes(path, follow: true, 1, 1),
                    files.CreateFolder(path),
                    files.RemoveFolder(path),
                    files.Unlink(path),
                    files.Symlink("target", path),
                    files.ReadLink(path, out _),
                    files.Rename(path, $"{folder}/new"),
                    files.Rename("/data/one.txt", path),
                    files.Link(path, $"{folder}/new"),
                    files.Link("/data/one.txt", path),
                ];
                Assert.All(answers, answer => Assert.Equal(expected, answer));
            }

            return 0;
        });
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }

    [Fact]
    public async Task Folder_WithMoreThanTheHostHoldsIsNotListed()
    {
        var exit = await RunAsync(guest =>
        {
            var tail = new string('x', 240);
            var files = guest.Files;
            Assert.Equal(Errno.None, files.List("/many", guest.Network.Stop, out var entries));
            Assert.Empty(entries);
            for (var number = 0; number < 65_000; number++)
            {
                Assert.Equal(Errno.None, files.Symlink("x", $"/many/{number}{tail}"));
            }

            Assert.Equal(Errno.ENOMEM, files.List("/many", guest.Network.Stop, out _));
            guest.Network.Stop.Request();
            Assert.Throws<GuestStoppedException>(() => files.List("/many", guest.Network.Stop, out _));
            return 0;
        });
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }

    [Fact]
    public async Task Name_ThatIsNoneIsRefusedInAnOpenFolder()
    {
        _folder.Write("one", "eins");
        var exit = await RunAsync(guest =>
        {
            Assert.Equal(Errno.None, guest.Files.OpenFolder("/data", out var opened));
            using var folder = opened!;
            Assert.Equal(Errno.None, folder.Status("one", out _));
            Assert.Equal(Errno.EINVAL, folder.Status("one\0", out _));
            Assert.Equal(Errno.ENAMETOOLONG, folder.Status(new string('a', 256), out _));
            Assert.Equal(Errno.ENAMETOOLONG, folder.Status(new string('a', 1_000_000), out _));
            return 0;
        });
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }

    [Fact]
    public async Task Computation_EndsWithTheGuestThatWaitsForIt_AndHasNoMoreMemory()
    {
        using var modules = new TemporaryFolder();
        var module = await _sandbox.Engine.LoadLibraryAsync(
            modules.Write("work.wat", """(module (memory 1) (func (export "grow") (result i32) (memory.grow (i32.const 15))) (func (export "spin") (loop $again (br $again))))"""), Token);
        var exit = await RunAsync(guest =>
        {
            int Grow(long? limit) => _sandbox.Engine.Compute(module, guest.Network.Stop, limit, _ => { }, (_, instance) => instance.GetFunction<int>("grow")!());
            Assert.Equal((1, 1, -1), (Grow(null), Grow(1 << 20), Grow(1 << 19)));
            guest.Network.Stop.Request();
            var trap = Assert.Throws<WasmtimeException>(() => _sandbox.Engine.Compute(module, guest.Network.Stop, null, _ => { }, (_, instance) =>
            {
                instance.GetAction("spin")!();
                return 0;
            }));
            Assert.IsType<GuestStoppedException>(trap.InnerException);
            return 0;
        });
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }

    private async Task<InstanceExit> RunAsync(Func<DrivenGuest, int> run)
    {
        await using var instance = await CreateAsync(run);
        instance.Start();
        return await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    private async Task<SandboxInstance> CreateAsync(Func<DrivenGuest, int> run, Action<DrivenGuest>? interrupt = null)
    {
        using var modules = new TemporaryFolder();
        var module = await _sandbox.Engine.LoadLibraryAsync(modules.Write("library.wat", Library), Token);
        return _sandbox.Engine.Create(module, new()
        {
            Name = "guest-1",
            Mounts = [new GuestMount.Host("/data", _folder.Path, ReadOnly: false), new GuestMount.Temporary("/tmp", 1 << 20), new GuestMount.Temporary("/many", 512 << 20)],
            Network = _sandbox.Network(),
            Output = _sandbox.Output,
            Driver = () => new Driver(run, interrupt),
        });
    }

    private sealed class Driver(Func<DrivenGuest, int> run, Action<DrivenGuest>? interrupt) : IGuestDriver
    {
        public void Define(Linker linker) => linker.DefineFunction("driver", "answer", () => 21);

        public int Run(DrivenGuest guest) => run(guest);

        public void Interrupt(DrivenGuest guest) => interrupt?.Invoke(guest);
    }
}
