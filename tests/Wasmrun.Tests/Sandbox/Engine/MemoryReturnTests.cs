using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using Wasmrun.Sandbox.Engine;

namespace Wasmrun.Tests.Sandbox.Engine;

public sealed class MemoryReturnTests
{
    private const long Much = 64 * 1024 * 1024;

    [Theory]
    [InlineData(1, Much)]
    [InlineData(4, Much / 4)]
    [InlineData(256, 0)]
    public void MuchOrMany_IsGivenBack_WhenNoOtherEndsForASecond(int ends, long bytesEach)
    {
        var time = new FakeTimeProvider();
        using var memory = new MemoryReturn(time);
        var left = Leave();

        for (var ended = 0; ended < ends; ended++)
        {
            memory.NoteEnd(running: 0, bytesEach);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(left.IsAlive);
    }

    /// <summary>Made by a method of its own, so that the test's has no hold of it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Leave() => new(new byte[1024]);
}
