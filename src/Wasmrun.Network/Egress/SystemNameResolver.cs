using System.Net;
using System.Net.Sockets;

namespace Wasmrun.Network.Egress;

/// <summary>
/// The system's resolver, which takes a thread until it has answered. The threads are its own, so many for the whole process: guests that ask for what
/// nobody answers keep each other waiting, and not the runner, whose work is done by the threads of the pool.
/// </summary>
internal sealed class SystemNameResolver : INameResolver
{
    private const int MostThreads = 64;

    private static readonly SemaphoreSlim _threads = new(MostThreads);

    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken token)
    {
        await _threads.WaitAsync(token);
        Task<IPAddress[]> asking;
        try
        {
            asking = Task.Factory.StartNew(() => Resolve(name), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (TaskSchedulerException)
        {
            // The system has no thread left.
            _threads.Release();
            throw new SocketException((int)SocketError.TryAgain);
        }

        return await asking;
    }

    private static IPAddress[] Resolve(string name)
    {
        try
        {
            return Dns.GetHostAddresses(name);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            return [];
        }
        finally
        {
            _threads.Release();
        }
    }
}
