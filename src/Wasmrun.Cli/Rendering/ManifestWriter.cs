using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Cli.Rendering;

/// <summary>
/// Writes a validated stack as a manifest in which nothing is left to merge, fill in or look up: reading it again gives the same
/// stack. What was not written and has its usual value stays unwritten.
/// </summary>
internal static class ManifestWriter
{
    private static readonly ServiceSpec _usual = new("usual", new("usual", 1, 1));

    internal static string Write(StackSpec stack) => PlainYaml.Write(Tree(stack));

    /// <summary>The manifest as dictionaries, lists and plain values.</summary>
    internal static Dictionary<string, object> Tree(StackSpec stack)
    {
        var root = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["name"] = stack.Name,
            ["services"] = stack.Services.ToDictionary(service => service.Name, service => (object)Service(service), StringComparer.Ordinal),
        };
        var networks = stack.Networks.Where(network => network.Location is not null).ToDictionary(
            network => network.Name,
            network => network.Internal ? new Dictionary<string, object>(StringComparer.Ordinal) { ["internal"] = true } : [],
            StringComparer.Ordinal);
        AddUnlessEmpty(root, "networks", networks, networks.Count);
        AddUnlessEmpty(
            root, "volumes", stack.Volumes.ToDictionary(volume => volume.Name, Volume, StringComparer.Ordinal), stack.Volumes.Count);
        GrantWriter.AddDeclarations(root, stack);
        return root;
    }

    internal static Dictionary<string, object> Service(ServiceSpec service)
    {
        var written = new Dictionary<string, object>(StringComparer.Ordinal);
        AddText(written, "module", service.Module);
        AddText(written, "project", service.Project);
        AddText(written, "language", service.Language);
        AddText(written, "entrypoint", service.Entrypoint);
        AddText(written, "working_dir", service.WorkingDirectory);
        AddText(written, "build", service.Build?.Command);
        AddUnlessEmpty(written, "command", service.Command.Select(Escape).ToList(), service.Command.Count);
        AddUnlessEmpty(
            written, "environment", service.Environment.ToDictionary(pair => pair.Key, pair => Escape(pair.Value), StringComparer.Ordinal), service.Environment.Count);
        AddUnlessEmpty(written, "forwards", service.Forwards.SelectMany(Forward).ToList(), service.Forwards.Count);
        Add(written, "hold", service.Hold, _usual.Hold);
        if (service.Aliases.Count > 0)
        {
            written["networks"] = service.Networks.ToDictionary(network => network, network => Network(service, network), StringComparer.Ordinal);
        }
        else if (!service.Networks.SequenceEqual(_usual.Networks, StringComparer.Ordinal))
        {
            written["networks"] = service.Networks.ToList();
        }

        AddUnlessEmpty(written, "egress", service.Egress.Select(Egress).ToList(), service.Egress.Count);
        AddMounts(written, service.Mounts);
        GrantWriter.AddGrants(written, service);
        AddUnlessEmpty(
            written, "depends_on", service.DependsOn.ToDictionary(dependency => dependency.Service, Dependency, StringComparer.Ordinal), service.DependsOn.Count);
        if (service.Healthcheck is { } healthcheck)
        {
            written["healthcheck"] = HealthcheckWriter.Write(healthcheck);
        }

        if (service.Restart != RestartSpec.Never)
        {
            written["restart"] = Restart(service.Restart);
        }

        Add(written, "stop_grace_period", service.StopGracePeriod, _usual.StopGracePeriod);
        AddDeploy(written, service);
        AddLogging(written, service.Logging);
        if (service.Watch.Count > 0)
        {
            written["develop"] = new Dictionary<string, object>(StringComparer.Ordinal) { ["watch"] = service.Watch.Select(Watch).ToList() };
        }

        AddUnlessEmpty(written, "profiles", service.Profiles.ToList(), service.Profiles.Count);
        AddUnlessEmpty(
            written, "labels", service.Labels.ToDictionary(pair => pair.Key, pair => Escape(pair.Value), StringComparer.Ordinal), service.Labels.Count);
        return written;
    }

    /// <summary>One entry for the loopback addresses, which is what a forward without an address has, or one for each address.</summary>
    private static IEnumerable<string> Forward(ForwardSpec forward)
    {
        var host = forward.HostPort?.ToString(CultureInfo.InvariantCulture) ?? "auto";
        var protocol = forward.Protocol == TransportProtocol.Udp ? "/udp" : string.Empty;
        var rest = string.Create(CultureInfo.InvariantCulture, $"{host}:{forward.GuestPort}{protocol}");
        return forward.Addresses is [var first, var second] && IPAddress.IsLoopback(first) && IPAddress.IsLoopback(second)
            ? [rest]
            : forward.Addresses.Select(address => $"{(address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}")}:{rest}");
    }

    private static string Egress(EgressSpec egress)
    {
        var bracketed = egress.Port is not null && egress.Host.Contains(':', StringComparison.Ordinal) ? $"[{egress.Host}]" : egress.Host;
        return egress.Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{bracketed}:{port}") : bracketed;
    }

    private static void AddMounts(Dictionary<string, object> written, IReadOnlyList<MountSpec> mounts)
    {
        var volumes = new List<object>();
        foreach (var mount in mounts)
        {
            switch (mount)
            {
                case MountSpec.Bind bind:
                    volumes.Add(Mount("bind", bind.Source, bind.Target, bind.ReadOnly));
                    break;
                case MountSpec.Named named:
                    volumes.Add(Mount("volume", named.Volume, named.Target, named.ReadOnly));
                    break;
                case MountSpec.Temporary temporary when !IsShort(temporary):
                    volumes.Add(Temporary(temporary));
                    break;
            }
        }

        AddUnlessEmpty(written, "volumes", volumes, volumes.Count);
        var shorts = mounts.OfType<MountSpec.Temporary>().Where(IsShort).Select(mount => Escape(mount.Target)).ToList();
        AddUnlessEmpty(written, "tmpfs", shorts, shorts.Count);
    }

    /// <summary>Whether its target alone says all; behind a colon come options.</summary>
    private static bool IsShort(MountSpec.Temporary mount) => mount.MaxBytes is null && !mount.Target.Contains(':', StringComparison.Ordinal);

    private static Dictionary<string, object> Temporary(MountSpec.Temporary temporary)
    {
        var mount = new Dictionary<string, object>(StringComparer.Ordinal) { ["type"] = "tmpfs", ["target"] = Escape(temporary.Target) };
        if (temporary.MaxBytes is { } size)
        {
            mount["tmpfs"] = new Dictionary<string, object>(StringComparer.Ordinal) { ["size"] = size };
        }

        return mount;
    }

    private static Dictionary<string, object> Mount(string type, string source, string target, bool readOnly)
    {
        var mount = new Dictionary<string, object>(StringComparer.Ordinal) { ["type"] = type, ["source"] = Escape(source), ["target"] = Escape(target) };
        if (readOnly)
        {
            mount["read_only"] = true;
        }

        return mount;
    }

    private static Dictionary<string, object> Network(ServiceSpec service, string network)
    {
        var written = new Dictionary<string, object>(StringComparer.Ordinal);
        var aliases = service.Aliases.Where(alias => string.Equals(alias.Network, network, StringComparison.Ordinal)).Select(alias => alias.Name).ToList();
        AddUnlessEmpty(written, "aliases", aliases, aliases.Count);
        return written;
    }

    private static object Dependency(DependencySpec dependency) => new Dictionary<string, object>(StringComparer.Ordinal)
    {
        ["condition"] = dependency.Condition switch
        {
            DependencyCondition.Started => "service_started",
            DependencyCondition.Healthy => "service_healthy",
            _ => "service_completed_successfully",
        },
        ["restart"] = dependency.Restart,
        ["required"] = dependency.Required,
    };

    private static Dictionary<string, object> Watch(WatchSpec watch)
    {
        var written = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["path"] = Escape(watch.Path),
            ["action"] = watch.Action == WatchAction.Rebuild ? "rebuild" : "restart",
        };
        AddUnlessEmpty(written, "ignore", watch.Ignore.Select(Escape).ToList(), watch.Ignore.Count);
        AddUnlessEmpty(written, "include", watch.Include.Select(Escape).ToList(), watch.Include.Count);
        return written;
    }

    private static Dictionary<string, object> Restart(RestartSpec restart)
    {
        var written = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["policy"] = restart.Policy switch
            {
                RestartPolicy.No => "no",
                RestartPolicy.Always => "always",
                RestartPolicy.OnFailure => "on-failure",
                _ => "unless-stopped",
            },
        };
        if (restart.MaxAttempts is { } attempts)
        {
            written["max_attempts"] = attempts;
        }

        written["delay"] = Duration(restart.Delay);
        written["max_delay"] = Duration(restart.MaxDelay);
        written["backoff"] = restart.Backoff switch
        {
            BackoffKind.Constant => "constant",
            BackoffKind.Linear => "linear",
            _ => "exponential",
        };
        written["jitter"] = restart.Jitter;
        written["window"] = Duration(restart.Window);
        return written;
    }

    private static Dictionary<string, object> Volume(VolumeSpec volume) =>
        volume.Exclusive ? new(StringComparer.Ordinal) { ["exclusive"] = true } : new(StringComparer.Ordinal);

    private static void AddDeploy(Dictionary<string, object> written, ServiceSpec service)
    {
        var bounds = new Dictionary<string, object>(StringComparer.Ordinal);
        if (service.Limits.MemoryBytes is { } memory)
        {
            bounds["memory"] = memory.ToString(CultureInfo.InvariantCulture);
        }

        if (service.Limits.Cpus is { } cpus)
        {
            bounds["cpus"] = cpus.ToString(CultureInfo.InvariantCulture);
        }

        if (service.Limits.Descriptors is { } descriptors)
        {
            bounds["descriptors"] = descriptors;
        }

        if (service.Limits.OutputRate is { } rate)
        {
            bounds["output_rate"] = rate.ToString(CultureInfo.InvariantCulture);
        }

        var deploy = new Dictionary<string, object>(StringComparer.Ordinal);
        if (bounds.Count > 0)
        {
            deploy["resources"] = new Dictionary<string, object>(StringComparer.Ordinal) { ["limits"] = bounds };
        }

        if (service.Replicas != _usual.Replicas)
        {
            deploy["replicas"] = service.Replicas;
        }

        if (service.UpdateOrder != _usual.UpdateOrder)
        {
            deploy["update_config"] = new Dictionary<string, object>(StringComparer.Ordinal) { ["order"] = "stop-first" };
        }

        AddUnlessEmpty(written, "deploy", deploy, deploy.Count);
    }

    private static void AddLogging(Dictionary<string, object> written, LoggingSpec logging)
    {
        var kept = new Dictionary<string, object>(StringComparer.Ordinal);
        if (logging.MaxSize is { } size)
        {
            kept["max_size"] = size.ToString(CultureInfo.InvariantCulture);
        }

        if (logging.MaxFile is { } files)
        {
            kept["max_file"] = files;
        }

        AddUnlessEmpty(written, "logging", kept, kept.Count);
    }

    private static void Add(Dictionary<string, object> written, string key, TimeSpan value, TimeSpan usual)
    {
        if (value != usual)
        {
            written[key] = Duration(value);
        }
    }

    private static void AddText(Dictionary<string, object> written, string key, string? text)
    {
        if (text is not null)
        {
            written[key] = Escape(text);
        }
    }

    private static void AddUnlessEmpty(Dictionary<string, object> written, string key, object value, int count)
    {
        if (count > 0)
        {
            written[key] = value;
        }
    }

    internal static string Duration(TimeSpan duration) => duration.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / TimeSpan.TicksPerSecond}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(decimal)duration.Ticks / TimeSpan.TicksPerMillisecond}ms");

    /// <summary>A dollar sign would be read as a variable.</summary>
    internal static string Escape(string text) => text.Replace("$", "$$", StringComparison.Ordinal);
}
