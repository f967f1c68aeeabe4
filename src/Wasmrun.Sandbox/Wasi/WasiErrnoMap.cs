using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>Translates the errno of the host side into preview 1's. A number that preview 1 has no name for becomes EIO.</summary>
internal static class WasiErrnoMap
{
    private static readonly byte[] Table = Build();

    public static WasiErrno ToWasi(this Errno errno) =>
        (uint)errno < (uint)Table.Length ? (WasiErrno)Table[(int)errno] : WasiErrno.EIO;

    private static byte[] Build()
    {
        var known = Enum.GetValues<Errno>();
        var table = new byte[(int)known.Max() + 1];
        Array.Fill(table, (byte)WasiErrno.EIO);
        foreach (var errno in known)
        {
            // The two enumerations name everything alike but this one, which is one number on Linux.
            var name = errno == Errno.EOPNOTSUPP ? nameof(WasiErrno.ENOTSUP) : Enum.GetName(errno)!;
            if (Enum.TryParse<WasiErrno>(name, out var translated))
            {
                table[(int)errno] = (byte)translated;
            }
        }

        return table;
    }
}
