using System.Collections.Frozen;
using Wasmtime;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// The functions that a guest may import, with their types, so that a module is checked when it is loaded and no instance
/// dies for want of one. What they do is in <c>Wasi</c>; a test holds the two together.
/// </summary>
/// <seealso href="https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md"/>
internal static class HostFunctions
{
    public const string ModuleName = "wasi_snapshot_preview1";

    /// <summary>Parameters by name, one letter each: i for i32, l for i64. All answer an i32 errno, but for <c>proc_exit</c>.</summary>
    private static readonly FrozenDictionary<string, string[]> Parameters = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["args_get"] = ["ii"],
        ["args_sizes_get"] = ["ii"],
        ["clock_res_get"] = ["ii"],
        ["clock_time_get"] = ["ili"],
        ["environ_get"] = ["ii"],
        ["environ_sizes_get"] = ["ii"],
        ["fd_advise"] = ["illi"],
        ["fd_allocate"] = ["ill"],
        ["fd_close"] = ["i"],
        ["fd_datasync"] = ["i"],
        ["fd_fdstat_get"] = ["ii"],
        ["fd_fdstat_set_flags"] = ["ii"],
        ["fd_fdstat_set_rights"] = ["ill"],
        ["fd_filestat_get"] = ["ii"],
        ["fd_filestat_set_size"] = ["il"],
        ["fd_filestat_set_times"] = ["illi"],
        ["fd_pread"] = ["iiili"],
        ["fd_prestat_dir_name"] = ["iii"],
        ["fd_prestat_get"] = ["ii"],
        ["fd_pwrite"] = ["iiili"],
        ["fd_read"] = ["iiii"],
        ["fd_readdir"] = ["iiili"],
        ["fd_renumber"] = ["ii"],
        ["fd_seek"] = ["ilii"],
        ["fd_sync"] = ["i"],
        ["fd_tell"] = ["ii"],
        ["fd_write"] = ["iiii"],
        ["path_create_directory"] = ["iii"],
        ["path_filestat_get"] = ["iiiii"],
        ["path_filestat_set_times"] = ["iiiilli"],
        ["path_link"] = ["iiiiiii"],
        ["path_open"] = ["iiiiillii"],
        ["path_readlink"] = ["iiiiii"],
        ["path_remove_directory"] = ["iii"],
        ["path_rename"] = ["iiiiii"],
        ["path_symlink"] = ["iiiii"],
        ["path_unlink_file"] = ["iii"],
        ["poll_oneoff"] = ["iiii"],
        ["proc_exit"] = ["i"],
        ["proc_raise"] = ["i"],
        ["random_get"] = ["ii"],
        ["sched_yield"] = [""],
        ["sock_recv"] = ["iiiiii"],
        ["sock_send"] = ["iiiii"],
        ["sock_shutdown"] = ["ii"],

        // The standard form, and that of the socket extension, which the rest belongs to.
        ["sock_accept"] = ["iii", "ii"],
        ["sock_bind"] = ["iii"],
        ["sock_connect"] = ["iii"],
        ["sock_getaddrinfo"] = ["iiiiiiii"],
        ["sock_getlocaladdr"] = ["iiii"],
        ["sock_getpeeraddr"] = ["iiii"],
        ["sock_getsockopt"] = ["iiiii"],
        ["sock_listen"] = ["ii"],
        ["sock_open"] = ["iii"],
        ["sock_recv_from"] = ["iiiiiiii"],
        ["sock_send_to"] = ["iiiiiii"],
        ["sock_setsockopt"] = ["iiiii"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every function in every type it comes in, for tests that hold this list against what is defined.</summary>
    public static IEnumerable<(string Name, string Parameters)> All =>
        Parameters.SelectMany(function => function.Value.Select(parameters => (function.Key, parameters)));

    /// <summary>Null when a guest may import the function in this type, else what is wrong with it.</summary>
    public static string? Problem(FunctionImport import)
    {
        if (!string.Equals(import.ModuleName, ModuleName, StringComparison.Ordinal) || !Parameters.TryGetValue(import.Name, out var known))
        {
            return "is not known";
        }

        var parameters = Letters(import.Parameters);
        var results = string.Equals(import.Name, "proc_exit", StringComparison.Ordinal) ? string.Empty : "i";
        return known.Contains(parameters, StringComparer.Ordinal) && string.Equals(Letters(import.Results), results, StringComparison.Ordinal)
            ? null
            : $"is imported as {Type(parameters, Letters(import.Results))}, but is {string.Join(" or ", known.Select(letters => Type(letters, results)))}";
    }

    private static string Letters(IReadOnlyList<ValueKind> kinds) => string.Concat(kinds.Select(kind => kind switch
    {
        ValueKind.Int32 => 'i',
        ValueKind.Int64 => 'l',
        ValueKind.Float32 => 'f',
        ValueKind.Float64 => 'd',
        _ => '?',
    }));

    private static string Type(string parameters, string results) => $"({Names(parameters)}) -> ({Names(results)})";

    private static string Names(string letters) => string.Join(' ', letters.Select(letter => letter switch
    {
        'i' => "i32",
        'l' => "i64",
        'f' => "f32",
        'd' => "f64",
        _ => "other",
    }));
}
