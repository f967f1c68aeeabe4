namespace Wasmrun.Sandbox.Wasi;

/// <summary>The access and modification times that a guest wants set, in nanoseconds since 1970, where the flags do not say "now".</summary>
internal readonly record struct FileTimes(SetTimesFlags Flags, ulong Access, ulong Modify)
{
    private const SetTimesFlags BothAccess = SetTimesFlags.Access | SetTimesFlags.AccessNow;
    private const SetTimesFlags BothModify = SetTimesFlags.Modify | SetTimesFlags.ModifyNow;

    /// <summary>Decodes what a guest gives; a flag that does not exist, or a time from two sources at once, is refused.</summary>
    public static bool TryRead(uint flags, ulong access, ulong modify, out FileTimes times)
    {
        times = new((SetTimesFlags)flags, access, modify);
        return flags <= (uint)SetTimesFlags.All && !times.Flags.HasFlag(BothAccess) && !times.Flags.HasFlag(BothModify);
    }
}
