namespace Wasmrun.Manifest.Reading;

/// <summary>
/// Every key of the manifest's reference, one table for each kind of mapping. The readers, the editor schema and the
/// documentation are held against these tables by tests.
/// </summary>
internal static class ManifestKeys
{
    public static KeyTable Stack { get; } = new(
        "the manifest", ["name", "include", "services", "networks", "volumes", "secrets", "configs"], AllowsExtensions: true);

    public static KeyTable Include { get; } = new("an include", ["path", "project_directory", "env_file"]);

    public static KeyTable Service { get; } = new(
        "a service",
        [
            "project", "module", "language", "entrypoint", "build", "command", "working_dir",
            "environment", "env_file", "secrets", "configs",
            "forwards", "ports", "hold", "networks", "egress",
            "volumes", "tmpfs",
            "depends_on", "healthcheck", "restart", "stop_grace_period",
            "deploy", "develop", "logging", "profiles", "extends", "labels",
        ],
        AllowsExtensions: true)
    {
        OtherNames = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["image"] = "module",
            ["wasm"] = "module",
            ["source"] = "module",
            ["args"] = "command",
            ["cmd"] = "command",
            ["env"] = "environment",
            ["cwd"] = "working_dir",
            ["expose"] = "ports",
            ["scale"] = "deploy.replicas",
            ["replicas"] = "deploy.replicas",
            ["mem_limit"] = "deploy.resources.limits.memory",
            ["cpus"] = "deploy.resources.limits.cpus",
            ["readiness_probe"] = "healthcheck",
        },
    };

    public static KeyTable Extends { get; } = new("extends", ["file", "service"]);

    public static KeyTable EnvFile { get; } = new("an env_file", ["path", "required"]);

    public static KeyTable Forward { get; } = new("a forward", ["target", "published", "host_ip", "protocol"]);

    public static KeyTable ServiceNetwork { get; } = new("a network of a service", ["aliases"]);

    public static KeyTable Mount { get; } = new("a mount", ["type", "source", "target", "read_only", "tmpfs"]);

    public static KeyTable Temporary { get; } = new("'tmpfs' of a mount", ["size"]);

    public static KeyTable Grant { get; } = new("an entry of 'secrets' or 'configs'", ["source", "target"]);

    public static KeyTable Dependency { get; } = new("a dependency", ["condition", "restart", "required"]);

    public static KeyTable Healthcheck { get; } = new(
        "a healthcheck",
        ["http", "port", "tcp", "log_line", "test", "disable", "interval", "timeout", "retries", "start_period", "start_interval"]);

    public static KeyTable Restart { get; } = new(
        "restart", ["policy", "max_attempts", "delay", "max_delay", "backoff", "jitter", "window"]);

    public static KeyTable Deploy { get; } = new("deploy", ["replicas", "resources", "update_config"]);

    public static KeyTable UpdateConfig { get; } = new("update_config", ["order"]);

    public static KeyTable Resources { get; } = new("resources", ["limits"]);

    public static KeyTable Limits { get; } = new("limits", ["memory", "cpus", "descriptors", "output_rate"]);

    public static KeyTable Logging { get; } = new("logging", ["max_size", "max_file"]);

    public static KeyTable Develop { get; } = new("develop", ["watch"]);

    public static KeyTable Watch { get; } = new("an entry of 'watch'", ["path", "action", "ignore", "include"]);

    public static KeyTable Network { get; } = new("a network", ["internal"], AllowsExtensions: true);

    public static KeyTable Secret { get; } = new("a secret", ["file", "environment"], AllowsExtensions: true);

    public static KeyTable Config { get; } = new("a config", ["file", "environment", "content"], AllowsExtensions: true);

    public static KeyTable Volume { get; } = new("a volume", ["exclusive"], AllowsExtensions: true);
}
