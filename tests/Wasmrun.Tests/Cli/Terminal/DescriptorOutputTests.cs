using System.Globalization;
using System.IO.Pipes;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Tests.Cli.Terminal;

public sealed class DescriptorOutputTests
{
    [Fact]
    public async Task Bytes_ArriveHoweverSlowlyTheyAreRead()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var output = new DescriptorOutput(int.Parse(pipe.GetClientHandleAsString(), CultureInfo.InvariantCulture));
        var written = new byte[1_000_000];
        Random.Shared.NextBytes(written);
        var writing = Task.Run(() => output.Write(written), TestContext.Current.CancellationToken);
        var read = new byte[written.Length];
        await pipe.ReadExactlyAsync(read, TestContext.Current.CancellationToken);
        await writing;
        Assert.Equal(written, read);
        Assert.False(output.IsTerminal);
    }

    [Fact]
    public void ReaderThatWentAway_IsNoticed()
    {
        var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var output = new DescriptorOutput(int.Parse(pipe.GetClientHandleAsString(), CultureInfo.InvariantCulture));
        var client = pipe.ClientSafePipeHandle;
        pipe.SafePipeHandle.Dispose();
        Assert.True(SpinWait.SpinUntil(() => IsClosed(output), TimeSpan.FromSeconds(30)));
        client.Dispose();
        pipe.Dispose();
    }

    [Fact]
    public void TwoOutputsOfOneFile_AreSeenToBeOne()
    {
        var path = Path.GetTempFileName();
        try
        {
            using var first = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            using var second = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            Assert.Equal(Of(first).Target, Of(second).Target);
            Assert.NotEqual(Of(first).Target, new DescriptorOutput(0).Target);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Not at once, because a process that another test is starting may have the reader's end open until it runs its program.</summary>
    private static bool IsClosed(DescriptorOutput output)
    {
        try
        {
            output.Write("x"u8);
            return false;
        }
        catch (OutputClosedException)
        {
            return true;
        }
    }

    private static DescriptorOutput Of(Microsoft.Win32.SafeHandles.SafeFileHandle handle) => new((int)handle.DangerousGetHandle());
}
