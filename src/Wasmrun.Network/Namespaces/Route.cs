using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Namespaces;

/// <summary>Where an address leads to, seen from one namespace.</summary>
internal readonly record struct Route(RouteKind Kind, ServiceNetwork? Service, Errno Error)
{
    public static Route Unreachable(Errno error) => new(RouteKind.Unreachable, null, error);
}

internal enum RouteKind
{
    /// <summary>Nowhere, with an error that says so.</summary>
    Unreachable = 0,

    /// <summary>The namespace itself: its loopback or its own address.</summary>
    Own = 1,

    /// <summary>Another service of the stack.</summary>
    Service = 2,

    /// <summary>The gateway, behind which is the host's own loopback.</summary>
    Host = 3,

    /// <summary>Anything that is not the stack's.</summary>
    Outside = 4,
}
