using System.Diagnostics;
using System.Text;
using Wasmrun.Network;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox.Engine;

/// <summary>A thousand instances in one process cost little while they wait, and nothing when they are gone.</summary>
[Collection(nameof(AloneCollection))]
public sealed class ManyInstancesTests
{
    private const int Count = 1000;
    private const int Rounds = 6;
    private const int Port = 8080;
    private const long Mebibyte = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Costs_LittleWhileSleepingAndNothingAfterwards() =>
        await MeasureAsync(
            $"""
            (module {TestSandbox.Prelude}
              (func (export "_start")
                (i64.store (i32.const 24) (i64.const 3600000000000))
                (call $say (i32.const 33))
                (drop (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))
            """,
            "!",
            _ => Task.CompletedTask);

    [Fact]
    public async Task Costs_LittleWhileServingAndNothingAfterwards() => await MeasureAsync("http", $"listening on {Port}\n", AnswerAsync);

    /// <summary>
    /// Starts all, waits until all have said that they wait, uses them, stops them: again and again until a round leaves no more
    /// behind than the one before it. The first pays for what the process needs once, and a busy machine may have later ones need more;
    /// what leaks does so in every round.
    /// </summary>
    private static async Task MeasureAsync(string guest, string said, Func<NetworkNamespace, Task> use)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "what a process uses is read from /proc");
        var perInstance = await RunAllAsync(guest, said, use);
        Assert.True(perInstance < Mebibyte / 2, $"{perInstance} bytes per waiting instance");
        var left = new List<ProcessUsage> { await ProcessUsage.SettledAsync(100, Token) };
        do
        {
            Assert.True(left.Count < Rounds, $"each round leaves more behind: {string.Join(", ", left)}");
            await RunAllAsync(guest, said, use);
            left.Add(await ProcessUsage.SettledAsync(MostThreads(left[^1]), Token));
        }
        while (!IsAsMuch(left[^2], left[^1]));
        TestContext.Current.TestOutputHelper?.WriteLine($"{perInstance / 1024} KiB per waiting instance; left: {string.Join(", ", left)}");
    }

    private static bool IsAsMuch(ProcessUsage before, ProcessUsage after) =>
        after.Descriptors <= before.Descriptors
        && after.Threads <= MostThreads(before)
        && after.Mappings <= before.Mappings + (Count / 10)
        && after.ResidentBytes <= before.ResidentBytes + (16 * Mebibyte);

    /// <summary>The pool of threads may have grown.</summary>
    private static int MostThreads(ProcessUsage before) => before.Threads + Environment.ProcessorCount + 4;

    /// <summary>What one instance adds to the process while it waits, in bytes.</summary>
    private static async Task<long> RunAllAsync(string guest, string said, Func<NetworkNamespace, Task> use)
    {
        using var sandbox = new TestSandbox();
        var module = await sandbox.LoadAsync(guest);
        var before = ProcessUsage.Now();
        var networks = Enumerable.Range(0, Count).Select(_ => sandbox.Network()).ToArray();
        var instances = networks
            .Select((network, i) => sandbox.Engine.Create(module, new() { Name = $"guest-{i}", Arguments = ["guest"], Network = network, Output = sandbox.Output }))
            .ToArray();
        var start = Stopwatch.GetTimestamp();
        foreach (var instance in instances)
        {
            instance.Start();
        }

        await sandbox.Output.Saw(said.Length * Count);
        var (startTime, waiting) = (Stopwatch.GetElapsedTime(start), ProcessUsage.Now());
        await Task.WhenAll(networks.Select(use));
        start = Stopwatch.GetTimestamp();
        foreach (var instance in instances)
        {
            instance.Stop();
        }

        Assert.All(await Task.WhenAll(instances.Select(instance => instance.Completion)), exit => Assert.IsType<InstanceExit.Stopped>(exit));
        foreach (var instance in instances)
        {
            await instance.DisposeAsync();
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Count} started in {startTime.TotalMilliseconds:F0} ms, stopped in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
        return (waiting.ResidentBytes - before.ResidentBytes) / Count;
    }

    private static async Task AnswerAsync(NetworkNamespace network)
    {
        Assert.Equal(Errno.None, network.TryConnect(Port, out var connection));
        await using (connection)
        {
            await connection!.WriteAsync("GET / HTTP/1.1\r\nHost: guest\r\nConnection: close\r\n\r\n"u8.ToArray(), Token);
            using var reader = new StreamReader(connection, Encoding.ASCII);
            Assert.EndsWith("Hello, World!", await reader.ReadToEndAsync(Token), StringComparison.Ordinal);
        }
    }
}
