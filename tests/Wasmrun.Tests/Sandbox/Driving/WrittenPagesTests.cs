using Wasmrun.Sandbox;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Driving;

/// <summary>The pages of an image that an instance has written to are found, kept, and copied ahead for the next one.</summary>
public sealed class WrittenPagesTests : IDisposable
{
    private const int PageBytes = 4096;
    private const int ImageBytes = 4 * MemoryImage.PageBytes;

    private readonly TemporaryFolder _folder = new();
    private readonly Wasmtime.Engine _engine = new();

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Pages_AreThoseThatWereWritten_AndTheNextInstanceHasThemAtOnce()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.SystemPageSize == PageBytes, "the pages of a process are told by Linux alone");
        using var file = Image();
        using var first = new Store(_engine);
        var memory = Restored(first, file);
        Assert.Empty(WrittenPages.Of(memory, ImageBytes).Write());

        // The pages 3, 4 and 20, of which the last was a hole; all others are only read.
        memory.GetSpan(0, ImageBytes).IndexOf((byte)255);
        memory.WriteByte((3 * PageBytes) + 5, 1);
        memory.WriteByte(4 * PageBytes, 1);
        memory.WriteByte((20 * PageBytes) + 4095, 1);
        var kept = WrittenPages.Of(memory, ImageBytes).Write();

        Assert.Equal(Runs((3, 2), (20, 1)), kept);
        using var second = new Store(_engine);
        memory = Restored(second, file);
        WrittenPages.Read(kept, ImageBytes).CopyAhead(memory);
        Assert.Equal(kept, WrittenPages.Of(memory, ImageBytes).Write());
        Assert.Equal(Content(), memory.GetSpan(0, ImageBytes).ToArray());
    }

    public static TheoryData<byte[]> WrongPages() => new(
        Runs((-1, 1)), Runs((5, 0)), Runs((5, -1)), Runs((7, 2), (8, 1)), Runs((ImageBytes / PageBytes, 1)), Runs((0, int.MaxValue)), Runs((int.MaxValue, int.MaxValue)));

    [Theory]
    [MemberData(nameof(WrongPages))]
    public void Pages_OutsideOfTheImageOrOutOfOrder_AreNone(byte[] text) => Assert.Empty(WrittenPages.Read(text, ImageBytes).Write());

    private static byte[] Runs(params (int Page, int Count)[] runs) =>
        [.. runs.SelectMany(run => BitConverter.GetBytes(run.Page).Concat(BitConverter.GetBytes(run.Count)))];

    private static byte[] Content()
    {
        var bytes = new byte[ImageBytes];
        bytes.AsSpan(0, 10 * PageBytes).Fill(7);
        return bytes;
    }

    private static Memory Restored(Store store, Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var memory = new Memory(store, 1, 16);
        Assert.True(MemoryImage.TryRestore(memory, file, ImageBytes));
        return memory;
    }

    private Microsoft.Win32.SafeHandles.SafeFileHandle Image()
    {
        var path = _folder.Sub("image");
        File.WriteAllBytes(path, Content());
        return File.OpenHandle(path);
    }
}
