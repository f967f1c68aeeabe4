using System.Globalization;

namespace Wasmrun.Sandbox.Wasi;

internal sealed partial class WasiHost
{
    private static bool DefineEnvironment(ImportDefiner definer) => definer.Name switch
    {
        "environ_get" => definer.Add(static (host, a) => host.PutStrings(host._environment, a[0], a[1])),
        "environ_sizes_get" => definer.Add(static (host, a) => host.PutSizes(host._environment, a[0], a[1])),
        _ => false,
    };

    /// <summary>
    /// Gives the guest a listening descriptor for each TCP port that a forward targets, and says so in its environment as
    /// service managers do. The numbers follow those of the folders, so the first one is told, too.
    /// </summary>
    private void OpenInheritedListeners()
    {
        var environment = new Dictionary<string, string>(_options.Environment, StringComparer.Ordinal);
        var listeners = _options.Network.CreateInheritedListeners();
        var names = new List<string>();
        foreach (var listener in listeners)
        {
            if (_descriptors.Add(_sockets.Open(listener.Socket, Rights.Socket, FdFlags.None), out var number) == WasiErrno.None)
            {
                names.Add(listener.Name);
                environment["LISTEN_FDS"] = names.Count.ToString(CultureInfo.InvariantCulture);
                environment["LISTEN_FDNAMES"] = string.Join(':', names);
                environment["LISTEN_FDS_START"] = (number - names.Count + 1).ToString(CultureInfo.InvariantCulture);
            }
        }

        _environment = [.. environment.Select(pair => Terminated($"{pair.Key}={pair.Value}"))];
    }
}
