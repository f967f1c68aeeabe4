using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Planning.Ports;

/// <summary>
/// Host ports for forwards that name none. They follow from the names alone, so that a service is found at the same
/// port on every machine and after every restart, unless somebody else took it.
/// </summary>
public static class AutomaticPorts
{
    /// <summary>The lowest port that is chosen.</summary>
    public const int First = 20000;

    /// <summary>The highest port that is chosen. The ranges that systems take outgoing ports from begin at 32768 or later.</summary>
    public const int Last = 31999;

    /// <summary>How many candidates there are for one forward.</summary>
    public const int Count = 64;

    /// <summary>Ports to try, in this order; all different, all between <see cref="First"/> and <see cref="Last"/>.</summary>
    public static IReadOnlyList<int> Candidates(string project, string service, int guestPort, TransportProtocol protocol)
    {
        const int size = Last - First + 1;
        var name = string.Create(CultureInfo.InvariantCulture, $"{project}\0{service}\0{guestPort}/{protocol}");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        var start = (int)(BinaryPrimitives.ReadUInt32LittleEndian(hash) % size);

        // A step that shares no factor with the size visits every port before it repeats one.
        var step = 1 + (int)(BinaryPrimitives.ReadUInt32LittleEndian(hash.AsSpan(sizeof(uint))) % (size - 1));
        while (GreatestCommonDivisor(step, size) != 1)
        {
            step = (step % (size - 1)) + 1;
        }

        return [.. Enumerable.Range(0, Count).Select(index => First + (int)((start + ((long)index * step)) % size))];
    }

    private static int GreatestCommonDivisor(int left, int right) => right == 0 ? left : GreatestCommonDivisor(right, left % right);
}
