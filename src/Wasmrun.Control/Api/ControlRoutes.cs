namespace Wasmrun.Control.Api;

/// <summary>The addresses of version 1, for both ends.</summary>
internal static class ControlRoutes
{
    internal const string Project = "/v1/project";
    internal const string Services = "/v1/services";
    internal const string Stats = "/v1/stats";
    internal const string Apply = "/v1/apply";
    internal const string Plan = "/v1/plan";
    internal const string Run = "/v1/run";
    internal const string Restart = "/v1/restart";
    internal const string Stop = "/v1/stop";
    internal const string Start = "/v1/start";
    internal const string Kill = "/v1/kill";
    internal const string Scale = "/v1/scale";
    internal const string Wait = "/v1/wait";
    internal const string Watch = "/v1/watch";
    internal const string PlanDown = "/v1/plan/down";
    internal const string Down = "/v1/down";
    internal const string Logs = "/v1/logs";
    internal const string Events = "/v1/events";

    internal const string JsonLines = "application/jsonl";
}
