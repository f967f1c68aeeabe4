using CsCheck;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>Whatever numbers a guest passes, and whatever lies in its memory, a socket call answers an errno and nothing else happens.</summary>
public sealed class HostileSocketCallTests
{
    private const int Rounds = 20_000;

    private static readonly (string Name, string Parameters)[] _calls =
        [.. WasiImports.SocketExtension, .. WasiImports.All.Where(call => call.Name is "sock_recv" or "sock_send" or "sock_shutdown" or "fd_read" or "fd_write")];

    /// <summary>Small numbers are descriptors, sizes and flags; others are near the bounds of the memory, or anywhere.</summary>
    private static readonly Gen<int> _number = Gen.Frequency(
        (6, Gen.Int[0, 16]),
        (3, Gen.Int[0, 4 * 65536 + 64]),
        (1, Gen.Int));

    [Fact]
    public void Call_WithAnyArgumentsAnswersAnErrno()
    {
        using var guests = new SocketGuests(extended: true);
        var guest = guests.Web;
        Gen.Select(Gen.Int[0, _calls.Length - 1], _number.Array[8], Gen.Byte.Array[256]).Sample((call, numbers, bytes) =>
        {
            // New sockets that nobody waits for, in the descriptors that the numbers will hit; what is laid out is an iovec, an address, a list.
            OpenSockets(guest);
            bytes.CopyTo(guest.Memory.GetSpan(0, bytes.Length));
            var (name, parameters) = _calls[call];
            try
            {
                var result = (int)guest.Call(name, [.. numbers.Take(parameters.Length).Select(number => (ValueBox)number)]);
                Assert.InRange(result, 0, 87);
            }
            finally
            {
                for (var fd = 5; fd < 16; fd++)
                {
                    guest.Close(fd);
                }
            }
        }, iter: Rounds, threads: 1);
    }

    private static void OpenSockets(WasiGuest guest)
    {
        guest.Free();
        guest.OpenDevice("tcp/new", nonBlocking: true);
        guest.OpenDevice("tcp/listen/8080", nonBlocking: true);
        guest.OpenDevice("udp/new", nonBlocking: true);
        guest.OpenDevice("pair", nonBlocking: true);
        guest.OpenDevice("tcp6/new", nonBlocking: true);
    }
}
