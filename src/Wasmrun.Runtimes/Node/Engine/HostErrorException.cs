using Wasmrun.Network.Kernel;

namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>What a host function throws to be an <c>Error</c> in JavaScript, with Node's code, call and path.</summary>
internal sealed class HostErrorException : Exception
{
    public HostErrorException(string code, string message)
        : base(message) => Code = code;

    public HostErrorException(Errno error, string call, string? path = null)
        : base(string.Empty)
    {
        Code = error.ToString();
        Number = (int)error;
        Call = call;
        Path = path;
    }

    public string Code { get; }

    public int Number { get; }

    public string? Call { get; }

    public string? Path { get; }

    public static void ThrowIf(Errno error, string call, string? path = null)
    {
        if (error != Errno.None)
        {
            throw new HostErrorException(error, call, path);
        }
    }
}
