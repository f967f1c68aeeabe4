using System.Globalization;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>
/// A network namespace of the system behind a pair of virtual cables, with a port of the host that the kernel's packet filter
/// translates into it: what a container engine does for a published port. Only root can make one.
/// </summary>
internal sealed class BehindNat : IAsyncDisposable
{
    private const string Inside = "10.213.57.2";
    private const string Outside = "10.213.57.1";
    private const string Link = "wrbench0";

    private BehindNat(string name) => Name = name;

    /// <summary>Why it cannot be had here, or null.</summary>
    public static string? Missing =>
        !OperatingSystem.IsLinux() ? "it is Linux's"
        : !Environment.IsPrivilegedProcess ? "it takes root"
        : !Workplace.Has("ip") ? "'ip' is not installed (iproute2)"
        : !Workplace.Has("nft") ? "'nft' is not installed (nftables)"
        : null;

    public string Name { get; }

    /// <summary>Where a program in the namespace has to listen to be reached.</summary>
    public static string GuestAddress => Inside;

    /// <summary>Makes the namespace, the cable and the translation of the host port.</summary>
    /// <exception cref="InvalidOperationException">The kernel does not let it.</exception>
    public static async Task<BehindNat> CreateAsync(int hostPort, int guestPort)
    {
        var nat = new BehindNat($"wrbench{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}");
        try
        {
            // One that was killed has left it.
            await TryAsync("ip", "link", "delete", Link);
            await IpAsync("netns", "add", nat.Name);
            await IpAsync("link", "add", Link, "type", "veth", "peer", "name", "eth0", "netns", nat.Name);
            await IpAsync("addr", "add", Outside + "/30", "dev", Link);
            await IpAsync("link", "set", Link, "up");
            await IpAsync("-n", nat.Name, "addr", "add", Inside + "/30", "dev", "eth0");
            await IpAsync("-n", nat.Name, "link", "set", "eth0", "up");
            await IpAsync("-n", nat.Name, "link", "set", "lo", "up");
            await IpAsync("-n", nat.Name, "route", "add", "default", "via", Outside);

            // The address of the cable's own end, because the loopback address is not translated without further settings.
            var rules = string.Create(
                CultureInfo.InvariantCulture,
                $"add table ip {nat.Name}; add chain ip {nat.Name} out {{ type nat hook output priority -100; }}; add rule ip {nat.Name} out ip daddr {Outside} tcp dport {hostPort} dnat to {Inside}:{guestPort}");
            await Workplace.RunAsync("nft", [rules]);
            return nat;
        }
        catch
        {
            await nat.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where clients of the host connect.</summary>
    public static string HostAddress => Outside;

    public async ValueTask DisposeAsync()
    {
        await TryAsync("nft", $"delete table ip {Name}");
        await TryAsync("ip", "link", "delete", Link);
        await TryAsync("ip", "netns", "delete", Name);
    }

    private static async Task TryAsync(string program, params string[] arguments)
    {
        try
        {
            await Workplace.RunAsync(program, arguments);
        }
        catch (InvalidOperationException)
        {
            // It is not there.
        }
    }

    private static Task<string> IpAsync(params string[] arguments) => Workplace.RunAsync("ip", arguments);
}
