using System.Net;
using System.Net.Sockets;
using Wasmrun.Network;
using Wasmrun.Network.Forwards;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>
/// Two guests whose every call is a line of the test, as two services of one stack: <c>web</c>, with a forward to its port
/// 8080, and <c>api</c>. A call that would wait for ever fails the test, because nobody else is there.
/// </summary>
internal sealed class SocketGuests : IDisposable
{
    public const int Port = 8080;

    private readonly TemporaryFolder _folder = new();
    private readonly StackNetwork _stack;
    private readonly NetworkNamespace _webNetwork;
    private readonly NetworkNamespace _apiNetwork;
    private readonly BoundForward _forward;

    public SocketGuests(bool extended = false, int descriptorLimit = 64)
    {
        _stack = new(new() { Name = "test", RuntimeDirectory = _folder.Sub("run") }, new QuietNetwork(), TimeProvider.System);
        var web = _stack.AddService(new() { Name = "web" });
        var api = _stack.AddService(new() { Name = "api", Aliases = [new(ServiceNetworkOptions.DefaultNetwork, "backend")] });
        _forward = HostPortReservation.TryReserve([new("web", [IPAddress.Loopback], 0, [], Port, ForwardProtocol.Tcp)]).Forwards[0];
        web.SetForwards([_forward]);
        (WebAddress, ApiAddress) = (web.Address, api.Address);
        _webNetwork = web.CreateNamespace();
        _apiNetwork = api.CreateNamespace();
        Web = new(options => options with { Network = _webNetwork, DescriptorLimit = descriptorLimit }, extended);
        Api = new(options => options with { Network = _apiNetwork, DescriptorLimit = descriptorLimit }, extended);
    }

    public WasiGuest Web { get; }

    public WasiGuest Api { get; }

    public IPAddress WebAddress { get; }

    public IPAddress ApiAddress { get; }

    public NetworkNamespace WebNetwork => _webNetwork;

    /// <summary>A client of the host that has connected through the forward.</summary>
    public NetworkStream ConnectFromHost()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30_000 };
        socket.Connect(IPAddress.Loopback, _forward.HostPort);
        return new(socket, ownsSocket: true);
    }

    /// <summary>A connection from <c>api</c> to <c>web</c>, both ends without blocking.</summary>
    public (int Web, int Api) Connect()
    {
        var listener = Web.OpenDevice("tcp/listen/8080", nonBlocking: true);
        var client = Api.OpenDevice("tcp/connect/web/8080", nonBlocking: true);
        var server = Web.Accept(listener, nonBlocking: true);
        Web.Close(listener);
        return (server, client);
    }

    public void Dispose()
    {
        Web.Dispose();
        Api.Dispose();
        _webNetwork.Dispose();
        _apiNetwork.Dispose();
        _stack.Dispose();
        _folder.Dispose();
    }
}
