using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Runtimes.Node.Host;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>
/// Watches which host functions are called while packages load. Most answer the same to the same question; what is asked of files and of the
/// environment is remembered; and anything else is what another instance would have answered otherwise, or would have to do itself.
/// </summary>
internal sealed class LoadRecorder(DrivenGuest guest, string mainPath)
{
    /// <summary>A variable that is no secret.</summary>
    private const string HarmlessVariable = "NODE_ENV";

    private static readonly HashSet<string> _sound = new(StringComparer.Ordinal)
    {
        "on", "useControl", "useErrors", "collectGarbage", "evaluate", "runJobs", "takeException", "importModule", "promiseState",
        "promiseResult", "settings", "coreSource", "packageSource", "encode", "decode", "byteLength", "isUtf8", "hash", "hashText", "hmac",
        "equalInTime", "pbkdf2", "scrypt", "hkdf", "aesCbc", "aesCtr", "aesGcm", "keyParse", "keyPublic", "keyExport", "keyVerify", "getContext",
        "setContext", "hookPromises", "stripTypes", "environmentValue", "environmentNames", "hostName",
    };

    private static readonly Dictionary<string, string> _reasons = new(StringComparer.Ordinal)
    {
        ["failLoading"] = "does not come to an end",
        ["started"] = "asks for the time",
        ["now"] = "asks for the time",
        ["print"] = "prints",
        ["fsList"] = "lists a folder",
        ["fsLook"] = "watches files",
        ["exit"] = "ends the program",
        ["randomBytes"] = "draws random numbers",
        ["randomFill"] = "draws random numbers",
        ["keyGenerate"] = "makes a key",
        ["changeEnvironment"] = "changes the environment",
        ["listenForTermination"] = "listens for SIGTERM",
        ["memory"] = "asks for its memory",
        ["netListen"] = "listens",
        ["netConnect"] = "connects",
    };

    private readonly Dictionary<string, FileFact> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _variables = new(StringComparer.Ordinal);
    private string? _names;
    private string? _hostName;
    private bool _holdsValues;

    /// <summary>Why what is loaded is this instance's alone, null as long as it is not.</summary>
    public string? Reason { get; private set; }

    /// <summary>The same functions, watched.</summary>
    public HostFunction[] Watch(HostTable table) => [.. table.Names.Zip(table.Functions, Watch)];

    public void Refuse(string reason) => Reason ??= reason;

    /// <summary>A program asks for a variable.</summary>
    public void ReadVariable(string name, string? value)
    {
        _variables[name] = value is null ? null : LoadFacts.HashOf(value);
        _holdsValues |= value is not null && name != HarmlessVariable;
    }

    /// <summary>A program asks for the name of its host, which is that of its service.</summary>
    public void ReadHostName() => _hostName = guest.Network.Service.Name;

    /// <summary>A program asks which variables there are.</summary>
    public void ReadNames() => _names = LoadFacts.HashOfNames(guest.Options.Environment);

    /// <summary>What has been looked at; null when a file has changed meanwhile.</summary>
    public (LoadFacts Facts, FileFacts Files)? Facts(IReadOnlyList<LeadingRequest> requests, LeadingRequest? next)
    {
        foreach (var path in _read)
        {
            // First the content, then whether it is still that of the file that was loaded.
            var content = FileFact.HashOf(guest.Files, path);
            if (content is null || FileFact.Of(guest.Files, path) != _files[path])
            {
                return null;
            }

            _files[path] = _files[path] with { Content = content };
        }

        return (new(requests, next, _variables, _names, _hostName, _holdsValues), new(_files));
    }

    private HostFunction Watch(string name, HostFunction function) => name switch
    {
        "fsKind" or "fsRealPath" or "fsStat" => (in HostCall call) =>
        {
            Look(call.Text(0), isRead: false);
            return function(call);
        }
        ,
        "fsReadText" or "fsReadFile" => (in HostCall call) =>
        {
            Look(call.Text(0), isRead: true);
            return function(call);
        }
        ,
        _ when _sound.Contains(name) => function,
        _ => (in HostCall call) =>
        {
            Refuse(_reasons.GetValueOrDefault(name) ?? $"uses what belongs to one instance ({name})");
            return function(call);
        }
        ,
    };

    private void Look(string path, bool isRead)
    {
        // Of the entry only what it begins with counts, and that is compared when an instance starts.
        if (path == mainPath)
        {
            return;
        }

        _files.TryAdd(path, FileFact.Of(guest.Files, path));
        if (isRead && _files[path].Error == 0)
        {
            _read.Add(path);
        }
    }
}
