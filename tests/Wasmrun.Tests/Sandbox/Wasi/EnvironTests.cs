using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class EnvironTests : IDisposable
{
    private readonly WasiGuest _guest = new(options => options with
    {
        Environment = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["A"] = "1", ["EMPTY"] = "", ["Z"] = "a=b" },
    });

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Sizes_CountVariablesAndTheirBytes()
    {
        Assert.Equal(WasiErrno.None, _guest.Call("environ_sizes_get", 100, 104));
        Assert.Equal([3, 0, 0, 0, 17, 0, 0, 0], _guest.Bytes(100, 8));
    }

    [Fact]
    public void Get_WritesNameAndValueOfEach()
    {
        Assert.Equal(WasiErrno.None, _guest.Call("environ_get", 200, 300));
        Assert.Equal([0x2c, 1, 0, 0, 0x30, 1, 0, 0, 0x37, 1, 0, 0], _guest.Bytes(200, 12));
        Assert.Equal("A=1\0EMPTY=\0Z=a=b\0"u8.ToArray(), _guest.Bytes(300, 17));
    }

    [Fact]
    public void Guest_SeesNothingOfTheRunnersOwnEnvironment()
    {
        using var guest = new WasiGuest();
        Assert.Equal(WasiErrno.None, guest.Call("environ_sizes_get", 100, 104));
        Assert.Equal(0, guest.Memory.ReadInt32(100));
    }
}
