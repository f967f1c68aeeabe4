using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation;
using Wasmrun.Reconciliation.State;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation.Sequences;

/// <summary>One runner of the project, in a folder in which earlier ones may have been killed. Its guests listen as soon as they start.</summary>
internal sealed class SequenceRunner : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly LogStore _logs;

    private SequenceRunner(TemporaryFolder folder)
    {
        _folder = folder;
        Host.Behavior = Behave;
        var events = new EventStream("shop", Time);
        _logs = new(folder.At("logs"), LogLimits.Default, events, Time);
        Stack = new(new(), Host, new ProjectState(folder.At("state")), events, _logs, Time);
    }

    public PatientTime Time { get; } = new();

    public FakeStackHost Host { get; } = new();

    public StackReconciler Stack { get; }

    /// <summary>A service whose next instances end before they listen.</summary>
    public string? Broken { get; set; }

    public static async Task<SequenceRunner> StartAsync(TemporaryFolder folder)
    {
        var runner = new SequenceRunner(folder);
        await runner.Stack.StartAsync(TestContext.Current.CancellationToken);
        return runner;
    }

    /// <summary>As if this runner were killed now: the next one finds its files as they are at this moment, and nothing else.</summary>
    public async Task<SequenceRunner> KillAsync()
    {
        var copy = new TemporaryFolder();
        foreach (var file in new DirectoryInfo(_folder.Path).GetFiles("*", SearchOption.AllDirectories).Select(file => file.FullName))
        {
            var to = copy.At(Path.GetRelativePath(_folder.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            try
            {
                File.Copy(file, to);
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
            {
                // What this runner removes just now is gone for the next one too.
            }
        }

        await DisposeAsync();
        return await StartAsync(copy);
    }

    /// <summary>The instance that serves as a replica; null when none does.</summary>
    public FakeInstance? Serving(string service, int number) => Host.Instances.LastOrDefault(instance =>
        instance.Name == $"{service}-{number}" && instance is { TakesClients: true, Completion.IsCompleted: false });

    public IEnumerable<ServiceStatus> Statuses(string service) =>
        Stack.Snapshot().Where(status => status.Service == service && status.State is not (ServicePhase.Stopped or ServicePhase.Created));

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in Host.Instances)
        {
            instance.Clients = 0;
        }

        await Time.UntilAsync(StopAsync(), () => "the runner does not end");
        Stack.Dispose();
        _logs.Dispose();
        _folder.Dispose();
        Assert.Empty(Host.FindLeftovers());
    }

    private async Task<bool> StopAsync()
    {
        await Stack.StopAsync(CancellationToken.None);
        return true;
    }

    private void Behave(FakeInstance instance)
    {
        if (instance.Spec.Name == Broken)
        {
            instance.Exit(9);
            return;
        }

        foreach (ForwardSpec forward in instance.Spec.Forwards)
        {
            instance.Listen(forward.GuestPort);
        }
    }
}
