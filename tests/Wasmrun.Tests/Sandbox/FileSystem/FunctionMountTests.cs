using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>Functions of the host that a guest calls by writing to a file.</summary>
public sealed class FunctionMountTests : IDisposable
{
    private const long MemoryLimit = 3 << 20;

    private readonly WasiGuest _guest;
    private readonly int _folder;

    public FunctionMountTests()
    {
        var functions = new Dictionary<string, DeviceFunction>(StringComparer.Ordinal)
        {
            ["reverse"] = Reverse,
            ["limit"] = (_, memoryBytes, _, out result) => Answer($"{memoryBytes}", out result),
            ["fail"] = (_, _, _, out result) => Answer("unseen", out result, Errno.ENOMEM),
            ["stop"] = (_, _, stop, out result) =>
            {
                stop.Request();
                stop.ThrowIfRequested();
                return Answer("unseen", out result);
            },
        };
        _guest = new(options => options with { Mounts = [new GuestMount.Functions("/host/functions", functions)], MemoryLimit = MemoryLimit });
        _folder = Enumerable.Range(3, 10).First(fd => _guest.PathStatus(fd, "reverse", out _) == WasiErrno.None);
    }

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Write_CallsAndReadShowsTheResult()
    {
        var file = Open("reverse");
        Assert.Equal("", _guest.Read(file));
        Assert.Equal(WasiErrno.None, _guest.Write(file, "abc"));
        Assert.Equal("cb", _guest.Read(file, 2));
        Assert.Equal("a", _guest.Read(file));
        Assert.Equal("", _guest.Read(file));

        Assert.Equal(WasiErrno.None, _guest.Write(file, "def"));
        Assert.Equal("fed", _guest.Read(file));
    }

    [Fact]
    public void Function_KnowsWhatMemoryTheGuestMayHave()
    {
        var file = Open("limit");
        Assert.Equal(WasiErrno.None, _guest.Write(file, ""));
        Assert.Equal($"{MemoryLimit}", _guest.Read(file));
    }

    [Fact]
    public void FunctionThatFails_AnswersItsErrorAndNoResult()
    {
        var file = Open("fail");
        Assert.Equal(WasiErrno.ENOMEM, _guest.Write(file, "anything"));
        Assert.Equal("", _guest.Read(file));
    }

    [Fact]
    public void FunctionThatIsStopped_EndsTheGuest() => Assert.Throws<GuestStoppedException>(() => _guest.Write(Open("stop"), "now"));

    [Fact]
    public void ArgumentsBeyondTheBound_AreRefusedUnread()
    {
        var file = Open("reverse");
        var (address, length) = (_guest.Reserve(1 << 16), 1 << 16);

        // The same bytes sixteen times are as many as are taken.
        var vectors = _guest.PutVectors([.. Enumerable.Repeat((address, length), 16)]);
        Assert.Equal(WasiErrno.None, _guest.Call("fd_write", file, vectors, 16, WasiGuest.Result));
        vectors = _guest.PutVectors([.. Enumerable.Repeat((address, length), 16), (address, 1)]);
        Assert.Equal(WasiErrno.EMSGSIZE, _guest.Call("fd_write", file, vectors, 17, WasiGuest.Result));
    }

    [Fact]
    public void Functions_CannotBeChanged()
    {
        Assert.Equal(WasiErrno.EROFS, _guest.OnPath("path_unlink_file", _folder, "reverse"));
        Assert.Equal(WasiErrno.ENOENT, _guest.TryOpen(_folder, "another", out _, OpenFlags.Create, Rights.Write));
        Assert.Equal(WasiErrno.EPERM, _guest.TryOpen(_folder, "../reverse", out _));
        Assert.Equal(WasiErrno.None, _guest.PathStatus(_folder, "reverse", out var status));
        Assert.Equal(FileType.CharacterDevice, status.Type);
    }

    private int Open(string function) => _guest.Open(_folder, function, rights: Rights.Read | Rights.Write);

    private static Errno Reverse(ReadOnlySpan<byte> arguments, long memoryBytes, StopSignal stop, out byte[] result)
    {
        result = arguments.ToArray();
        Array.Reverse(result);
        return Errno.None;
    }

    private static Errno Answer(string text, out byte[] result, Errno error = Errno.None)
    {
        result = Encoding.UTF8.GetBytes(text);
        return error;
    }
}
