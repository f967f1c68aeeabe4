using System.Collections.Concurrent;
using System.Text;
using Wasmrun.Manifest.Specs;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Tests.Supervision.Fakes;

/// <summary>An instance whose guest is the test.</summary>
internal sealed class FakeInstance(InstanceRequest request, PreparedModule module, Action<FakeInstance> started) : IInstance
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<InstanceExit> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<GuestPort, bool> _listening = [];

    public string Name => request.Name;

    public ServiceSpec Spec => request.Service;

    public PreparedModule Module => module;

    public bool IsStarted { get; private set; }

    public bool IsTold { get; private set; }

    /// <summary>The guest listens for the wish that it ends.</summary>
    public bool IsTerminable { get; set; }

    /// <summary>How often it was asked to end by itself.</summary>
    public int Terminations { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>The guest does not end when it is told to.</summary>
    public bool IsStuck { get; set; }

    /// <summary>Whether its guest runs as soon as it is started.</summary>
    public bool IsRunnable { get; set; } = true;

    public Task Begun => _begun.Task;

    public Task<InstanceExit> Completion => _completion.Task;

    public IReadOnlyList<GuestPort> Listening => [.. _listening.Keys];

    /// <summary>Clients it serves, as the test says.</summary>
    public int Clients { get; set; }

    /// <summary>Whether clients come to it.</summary>
    public bool TakesClients { get; private set; } = !request.IsHeldBack;

    /// <summary>How often it was asked to end what is idle.</summary>
    public int IdleEnds { get; private set; }

    /// <summary>What it uses, as the test says.</summary>
    public InstanceUsage Usage { get; set; }

    /// <summary>The bounds it was given last.</summary>
    public LimitsSpec Limits { get; private set; } = request.Service.Limits;

    public void Adjust(LimitsSpec limits) => Limits = limits;

    public void TakeClients() => TakesClients = true;

    /// <summary>Called when it is told to take no more clients.</summary>
    public Action Leaving { get; set; } = () => { };

    public void LeaveClients()
    {
        TakesClients = false;
        Leaving();
    }

    public void EndIdleClients(TimeSpan quiet, bool andLocal) => IdleEnds++;

    public Stream? TryConnect(int port) => _listening.ContainsKey(new(port, TransportProtocol.Tcp)) ? new MemoryStream() : null;

    public void Start()
    {
        Assert.False(IsStarted, "an instance runs once");
        IsStarted = true;
        started(this);
        if (IsRunnable)
        {
            _begun.SetResult();
        }
    }

    public void Terminate() => Terminations++;

    public void Stop()
    {
        IsTold = true;
        if (!IsStuck)
        {
            _completion.TrySetResult(new InstanceExit.Stopped());
        }
    }

    public void Listen(int port)
    {
        _listening[new(port, TransportProtocol.Tcp)] = true;
        request.Observer.StartedListening(new(port, TransportProtocol.Tcp));
    }

    public void StopListening(int port)
    {
        _listening.TryRemove(new(port, TransportProtocol.Tcp), out _);
        request.Observer.StoppedListening(new(port, TransportProtocol.Tcp));
    }

    public void Print(string text) => request.Output.Write(GuestStream.Output, Encoding.UTF8.GetBytes(text));

    public void Exit(int code) => _completion.TrySetResult(new InstanceExit.Exited(code));

    public void Trap(string reason) => _completion.TrySetResult(new InstanceExit.Trapped(reason, "0: main"));

    public void Fail(string reason) => _completion.TrySetResult(new InstanceExit.Failed(reason));

    public async ValueTask DisposeAsync()
    {
        IsDisposed = true;
        IsStuck = false;
        Stop();
        await Completion;
    }
}
