using System.Globalization;
using System.Runtime.InteropServices;
using Wasmrun.Sandbox.Engine;

namespace Wasmrun.Tests.Sandbox.Engine;

/// <summary>What <see cref="SignalStack"/> takes for granted about .NET's threads, and what it does about it.</summary>
[Collection(nameof(AloneCollection))]
public sealed unsafe partial class SignalStackTests
{
    [Fact]
    public void Leaves_AStackThatWasNotReplaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signal stacks are only looked after on Linux");
        var (start, mapped) = (0L, false);
        RunThread(() =>
        {
            start = Query().Start;
            SignalStack.Current().FreeIfReplaced();
            mapped = IsMapped(start);
        });

        Assert.True(mapped);
        Assert.False(IsMapped(start), "the runtime frees the stack that it made and that is still in use");
    }

    [Fact]
    public void Frees_AStackThatWasReplaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signal stacks are only looked after on Linux");
        var replacement = Marshal.AllocHGlobal(1 << 16);
        var (start, mapped) = (0L, true);
        RunThread(() =>
        {
            start = Query().Start;
            var stack = SignalStack.Current();
            Assert.Equal(0, Exchange(new() { Start = replacement, Size = 1 << 16 }));
            stack.FreeIfReplaced();
            mapped = IsMapped(start);
            Assert.Equal(0, Exchange(new() { Flags = 2 }));
        });
        Marshal.FreeHGlobal(replacement);

        Assert.False(mapped);
    }

    [Fact]
    public void Finds_ThatTheRuntimeForgetsAStackThatIsSwitchedOff()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signal stacks are only looked after on Linux");
        Description stack = default;
        RunThread(() =>
        {
            stack = Query();
            Assert.Equal(0, Exchange(new() { Flags = 2 }));
        });

        Assert.True(IsMapped(stack.Start), "the runtime now frees it by itself, so SignalStack must not");
        Assert.Equal(0, Unmap((nint)stack.Start, (nuint)stack.Size));
    }

    /// <summary>Returns when the kernel's thread has ended too, which is a little later than a join returns.</summary>
    private static void RunThread(Action action)
    {
        var id = 0;
        var thread = new Thread(() =>
        {
            id = CurrentThread();
            action();
        });
        thread.Start();
        thread.Join();
        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/self/task/{id}"), TimeSpan.FromSeconds(10)));
    }

    private static bool IsMapped(long address) => File.ReadLines("/proc/self/maps").Any(line =>
    {
        var range = line.Split(' ')[0].Split('-');
        return long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) <= address
            && address < long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    });

    private static Description Query()
    {
        Description stack;
        Assert.Equal(0, Exchange(null, &stack));
        return stack;
    }

    private static int Exchange(Description replacement) => Exchange(&replacement, null);

    [LibraryImport("libc", EntryPoint = "sigaltstack")]
    private static partial int Exchange(Description* replacement, Description* former);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int CurrentThread();

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint start, nuint length);

    [StructLayout(LayoutKind.Sequential)]
    private struct Description
    {
        public long Start;
        public int Flags;
        public long Size;
    }
}
