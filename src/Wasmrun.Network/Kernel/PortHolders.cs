using System.Globalization;
using System.Net;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Forwards;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// Finds the process that has a host port: the kernel's socket tables give the socket's inode, and the descriptors of the
/// processes tell whose it is. Of another user's the tables say the user. Null where the system does not say.
/// </summary>
/// <seealso href="https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html"/>
internal static class PortHolders
{
    private const string Listening = "0A";

    public static PortHolder? Find(IPEndPoint wanted, ForwardProtocol protocol)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // A listener says more about who has the port than a connection that happens to use its number.
        var sockets = Tables(protocol).SelectMany(table => Read(table, wanted)).OrderByDescending(socket => socket.Listens).ToList();
        return sockets.Select(socket => FindProcess(socket.Inode)).FirstOrDefault(holder => holder is not null)
            ?? sockets.Select(socket => new PortHolder(Pid: null, $"a program of the user with uid {socket.User}", Owner: null)).FirstOrDefault();
    }

    /// <summary>What users know the process by: the file name of its program.</summary>
    public static string? ProgramName(int pid)
    {
        try
        {
            var commandLine = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline"));
            var program = Path.GetFileName(commandLine.Split('\0')[0]);
            return program.Length > 0
                ? program
                : File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/comm")).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Tables(ForwardProtocol protocol) =>
        protocol == ForwardProtocol.Tcp ? ["/proc/net/tcp", "/proc/net/tcp6"] : ["/proc/net/udp", "/proc/net/udp6"];

    private static IEnumerable<(string Inode, string User, bool Listens)> Read(string table, IPEndPoint wanted)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(table);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var line in lines.Skip(1))
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length > 9 && columns[9] is not "0" && Overlaps(ReadEndPoint(columns[1]), wanted))
            {
                yield return (columns[9], columns[7], string.Equals(columns[3], Listening, StringComparison.Ordinal));
            }
        }
    }

    private static bool Overlaps(InetEndPoint held, IPEndPoint wanted)
    {
        var address = InetAddress.From(wanted.Address);
        return held.Port == wanted.Port
            && (held.Address.IsAny || address.IsAny || held.Address.Unmapped() == address);
    }

    /// <summary>Reads <c>0100007F:1F90</c>: address in words of the machine's byte order, port in hexadecimal.</summary>
    private static InetEndPoint ReadEndPoint(string column)
    {
        var separator = column.IndexOf(':', StringComparison.Ordinal);
        var bytes = Convert.FromHexString(column.AsSpan(0, separator));
        for (var word = 0; BitConverter.IsLittleEndian && word < bytes.Length; word += sizeof(uint))
        {
            bytes.AsSpan(word, sizeof(uint)).Reverse();
        }

        return new(InetAddress.FromBytes(bytes), ushort.Parse(column.AsSpan(separator + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private static PortHolder? FindProcess(string inode)
    {
        var target = $"socket:[{inode}]";
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) && Holds(folder, target))
            {
                return new(pid, ProgramName(pid) ?? "?", Owner: null);
            }
        }

        return null;
    }

    private static bool Holds(string processFolder, string target)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(processFolder, "fd"))
                .Any(descriptor => string.Equals(new FileInfo(descriptor).LinkTarget, target, StringComparison.Ordinal));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that has just ended.
            return false;
        }
    }
}
