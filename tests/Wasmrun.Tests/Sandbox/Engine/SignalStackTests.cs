using System.Runtime.InteropServices;
using Wasmrun.Sandbox.Engine;

namespace Wasmrun.Tests.Sandbox.Engine;

/// <summary>What <see cref="SignalStack"/> takes for granted about .NET's threads, and what it does about it.</summary>
[Collection(nameof(AloneCollection))]
public sealed unsafe partial class SignalStackTests
{
    private static readonly long s_mark = Random.Shared.NextInt64();

    [Fact]
    public void Leaves_AStackThatWasNotReplaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signal stacks are only looked after on Linux");
        var (start, isThere) = (0L, false);
        RunThread(() =>
        {
            start = Query().Start;
            Mark(start);
            SignalStack.Current().FreeIfReplaced();
            isThere = IsMarked(start);
        });

        Assert.True(isThere);
        Assert.False(IsMarked(start), "the runtime frees the stack that it made and that is still in use");
    }

    [Fact]
    public void Frees_AStackThatWasReplaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signal stacks are only looked after on Linux");
        var replacement = Marshal.AllocHGlobal(1 << 16);
        var isThere = true;
        RunThread(() =>
        {
            var start = Query().Start;
            Mark(start);
            var stack = SignalStack.Current();
            Assert.Equal(0, Exchange(new() { Start = replacement, Size = 1 << 16 }));
            stack.FreeIfReplaced();
            isThere = IsMarked(start);
            Assert.Equal(0, Exchange(new() { Flags = 2 }));
        });
        Marshal.FreeHGlobal(replacement);

        Assert.False(isThere);
    }

    [Fact]
    public void Finds_ThatTheRuntimeForgetsAStackThatIsSwitchedOff()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signal stacks are only looked after on Linux");
        Description stack = default;
        RunThread(() =>
        {
            stack = Query();
            Mark(stack.Start);
            Assert.Equal(0, Exchange(new() { Flags = 2 }));
        });

        Assert.True(IsMarked(stack.Start), "the runtime now frees it by itself, so SignalStack must not");
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
        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/self/task/{id}"), TimeSpan.FromSeconds(30)));
    }

    /// <summary>Writes a mark into the stack, above the page that guards its low end, where no handler comes.</summary>
    private static void Mark(long stack) => *(long*)(stack + Environment.SystemPageSize) = s_mark;

    /// <summary>Whether the mark is still there. Whatever is mapped in place of a stack that was freed, by whichever thread, has none.</summary>
    private static bool IsMarked(long stack)
    {
        using var memory = File.OpenHandle("/proc/self/mem");
        Span<byte> found = stackalloc byte[sizeof(long)];
        try
        {
            return RandomAccess.Read(memory, found, stack + Environment.SystemPageSize) == found.Length && BitConverter.ToInt64(found) == s_mark;
        }
        catch (IOException)
        {
            // Nothing is mapped there.
            return false;
        }
    }

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
