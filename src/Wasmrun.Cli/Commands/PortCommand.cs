using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun port SERVICE PORT</c>: the host address of one forward, in a form that scripts can use as it is.</summary>
internal static class PortCommand
{
    internal static Command Create(CommandHost host)
    {
        var service = new Argument<string>("SERVICE") { Description = "The service" };
        var port = new Argument<int>("PORT") { Description = "The port inside the service", CustomParser = ReadPort };
        var protocol = new Option<string>("--protocol") { Description = "tcp or udp", HelpName = "PROTOCOL", DefaultValueFactory = _ => "tcp" };
        protocol.AcceptOnlyFromAmong(StringComparer.Ordinal, "tcp", "udp");
        var index = CommonOptions.Number("Number of the instance, when the service has several", "N", "--index");
        var command = new Command("port", "Print the host address that leads to a port of a service") { service, port, protocol, index };
        host.Run(command, (parsed, scope, token) => new ClientCommand(scope).RunAsync(
            async (runner, token) =>
            {
                var name = parsed.GetRequiredValue(service);
                var all = await runner.Client.GetServicesAsync(token);
                var instances = all.Where(status => string.Equals(status.Service, name, StringComparison.Ordinal)).ToList();
                if (instances.Count == 0)
                {
                    scope.Replies.ReportUnknown([name], [.. all.Select(status => status.Service).Distinct(StringComparer.Ordinal)]);
                    return ExitCodes.Failure;
                }

                if (parsed.GetValue(index) is { } number)
                {
                    var wanted = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
                    instances = [.. instances.Where(status => string.Equals(status.Name, wanted, StringComparison.Ordinal))];
                }

                var publisher = Find(instances, parsed.GetValue(port), parsed.GetValue(protocol)!);
                if (publisher is null)
                {
                    scope.Replies.TellError($"no forward leads to port {parsed.GetValue(port)}/{parsed.GetValue(protocol)} of '{name}'");
                    return ExitCodes.Failure;
                }

                scope.Screen.WriteLine(new IPEndPoint(IPAddress.Parse(publisher.Url), publisher.PublishedPort).ToString());
                return ExitCodes.Success;
            },
            token));
        return command;
    }

    private static int ReadPort(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > ushort.MaxValue)
        {
            result.AddError($"'{text}' is not a port; write a number from 1 to 65535, and --protocol udp for UDP");
        }

        return port;
    }

    /// <summary>One address even if there are several; IPv4 first, which every client can reach.</summary>
    private static Publisher? Find(IEnumerable<ServiceStatus> instances, int port, string protocol) =>
        instances
            .SelectMany(status => status.Publishers)
            .Where(publisher => publisher.TargetPort == port && string.Equals(publisher.Protocol, protocol, StringComparison.Ordinal))
            .OrderBy(publisher => publisher.Url.Contains(':', StringComparison.Ordinal))
            .FirstOrDefault();
}
