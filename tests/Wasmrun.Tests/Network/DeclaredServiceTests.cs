using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Tests.Network;

/// <summary>What is declared has its name and its address, whether it was added, will be, or is gone again.</summary>
public sealed class DeclaredServiceTests
{
    [Theory]
    [InlineData("db")]
    [InlineData("DATABASE")]
    public void ServiceThatWasNotAddedYet_IsFoundAndRefuses(string name)
    {
        using var stack = new TestStack();
        stack.Network.Declare([Declared("web"), Declared("db") with { Aliases = [new(ServiceNetworkOptions.DefaultNetwork, "database")] }]);
        using var web = stack.Add("web").CreateNamespace();

        var found = web.Resolve(name, 5432);
        Assert.Equal(Errno.ECONNREFUSED, web.Tcp().Connect(found));

        var db = stack.Add("db", aliases: ["database"]);
        Assert.Equal($"{db.Address}", $"{found.Address}");
        using var server = db.CreateNamespace();
        server.Listen(5432);
        Assert.Equal(Errno.None, web.Tcp().Connect(web.Resolve(name, 5432)));
    }

    [Fact]
    public void ServiceThatWasNotAddedYet_IsOfItsNetworksAlone()
    {
        using var stack = new TestStack();
        stack.Network.Declare([Declared("db") with { Networks = ["back"] }, Declared("web") with { Networks = ["front"] }]);
        using var web = stack.Add("web", networks: ["front"]).CreateNamespace();
        using var api = stack.Add("api", networks: ["front", "back"]).CreateNamespace();

        Assert.Equal(Errno.ENOENT, web.Resolve("db"u8, new InetAddress[1], out _));
        Assert.Equal(Errno.ENETUNREACH, web.Tcp().Connect(api.Resolve("db", 5432)));
    }

    [Fact]
    public void Addresses_FollowTheDeclaration_InWhateverOrderServicesAreAdded()
    {
        using var stack = new TestStack();
        stack.Network.Declare([Declared("one"), Declared("two"), Declared("three")]);

        var three = stack.Add("three");
        var one = stack.Add("one");
        var two = stack.Add("two");

        Assert.Equal([2, 3, 4], new[] { one, two, three }.Select(service => (int)service.Address.GetAddressBytes()[3]));
    }

    [Fact]
    public void Addresses_Stay_WhenAnotherServiceIsDeclaredBeforeThem()
    {
        using var stack = new TestStack();
        stack.Network.Declare([Declared("one"), Declared("two")]);
        var one = stack.Add("one");
        using var guest = one.CreateNamespace();
        var two = guest.Resolve("two", 80);

        stack.Network.Declare([Declared("new"), Declared("two"), Declared("one")]);

        Assert.Equal(two, guest.Resolve("two", 80));
        Assert.Equal(two.Address, InetAddress.From(stack.Add("two").Address));
        Assert.Equal(4, stack.Add("new").Address.GetAddressBytes()[3]);
    }

    [Fact]
    public void ServiceThatIsGone_IsFoundAsLongAsItIsDeclared()
    {
        using var stack = new TestStack();
        stack.Network.Declare([Declared("web"), Declared("db")]);
        using var web = stack.Add("web").CreateNamespace();
        var db = stack.Add("db");
        using var server = db.CreateNamespace();
        server.Listen(5432);

        db.Dispose();
        var found = web.Resolve("db", 5432);
        Assert.Equal(Errno.ECONNREFUSED, web.Tcp().Connect(found));

        stack.Network.Declare([Declared("web")]);
        Assert.Equal(Errno.ENOENT, web.Resolve("db"u8, new InetAddress[1], out _));
        Assert.Equal(Errno.ECONNREFUSED, web.Tcp().Connect(found));
    }

    private static ServiceNetworkOptions Declared(string name) => new() { Name = name };
}
