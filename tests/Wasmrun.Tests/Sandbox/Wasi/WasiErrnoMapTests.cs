using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class WasiErrnoMapTests
{
    [Fact]
    public void Errno_KeepsItsNameWherePreview1HasIt()
    {
        foreach (var errno in Enum.GetValues<Errno>().Where(errno => errno != Errno.EOPNOTSUPP))
        {
            var expected = Enum.TryParse<WasiErrno>(errno.ToString(), out var named) ? named : WasiErrno.EIO;
            Assert.Equal(expected, errno.ToWasi());
        }
    }

    [Theory]
    [InlineData((int)Errno.None, 0)]
    [InlineData((int)Errno.ENOENT, 44)]
    [InlineData((int)Errno.EXDEV, 75)]
    [InlineData((int)Errno.EPERM, 63)]
    [InlineData((int)Errno.EOPNOTSUPP, 58)]
    [InlineData((int)Errno.EAGAIN, 6)]
    [InlineData(9999, 29)]
    [InlineData(-1, 29)]
    public void Errno_HasPreview1sNumber(int errno, int expected) => Assert.Equal(expected, (int)((Errno)errno).ToWasi());
}
