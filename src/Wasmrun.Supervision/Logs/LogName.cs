namespace Wasmrun.Supervision.Logs;

/// <summary>Whose log it is: the service, and its instance, <c>web-1</c>.</summary>
internal readonly record struct LogName(string Service, string Instance);
