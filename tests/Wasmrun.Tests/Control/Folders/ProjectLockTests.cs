using Wasmrun.Control.Folders;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Control.Folders;

public sealed class ProjectLockTests : IDisposable
{
    private readonly TemporaryProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Lock_IsHeldByOneAtATime()
    {
        using (var first = ProjectLock.TryTake(_project.Folder))
        {
            Assert.NotNull(first);
            Assert.True(ProjectLock.IsHeld(_project.Folder));
            Assert.Null(ProjectLock.TryTake(_project.Folder));
        }

        using var second = ProjectLock.TryTake(_project.Folder);
        Assert.NotNull(second);
    }

    [Fact]
    public void LookingAtALock_LeavesNothingBehind()
    {
        Assert.False(ProjectLock.IsHeld(_project.Folder));
        Assert.False(Directory.Exists(_project.Folders.Runtime));
    }

    [Fact]
    public void LocksOfDifferentProjects_AreIndependent()
    {
        using var shop = ProjectLock.TryTake(_project.Folder);
        using var other = ProjectLock.TryTake(new ProjectFolder(_project.Folders, "other"));
        Assert.NotNull(other);
    }
}
