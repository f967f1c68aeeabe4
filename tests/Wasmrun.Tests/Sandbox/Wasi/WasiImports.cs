using System.Text;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>Every function of preview 1 with its type: i for a 32-bit and l for a 64-bit parameter.</summary>
internal static class WasiImports
{
    public static IReadOnlyList<(string Name, string Parameters)> All { get; } =
    [
        ("args_get", "ii"), ("args_sizes_get", "ii"), ("environ_get", "ii"), ("environ_sizes_get", "ii"),
        ("clock_res_get", "ii"), ("clock_time_get", "ili"),
        ("fd_advise", "illi"), ("fd_allocate", "ill"), ("fd_close", "i"), ("fd_datasync", "i"), ("fd_fdstat_get", "ii"),
        ("fd_fdstat_set_flags", "ii"), ("fd_fdstat_set_rights", "ill"), ("fd_filestat_get", "ii"), ("fd_filestat_set_size", "il"),
        ("fd_filestat_set_times", "illi"), ("fd_pread", "iiili"), ("fd_prestat_get", "ii"), ("fd_prestat_dir_name", "iii"),
        ("fd_pwrite", "iiili"), ("fd_read", "iiii"), ("fd_readdir", "iiili"), ("fd_renumber", "ii"), ("fd_seek", "ilii"),
        ("fd_sync", "i"), ("fd_tell", "ii"), ("fd_write", "iiii"),
        ("path_create_directory", "iii"), ("path_filestat_get", "iiiii"), ("path_filestat_set_times", "iiiilli"),
        ("path_link", "iiiiiii"), ("path_open", "iiiiillii"), ("path_readlink", "iiiiii"), ("path_remove_directory", "iii"),
        ("path_rename", "iiiiii"), ("path_symlink", "iiiii"), ("path_unlink_file", "iii"),
        ("poll_oneoff", "iiii"), ("proc_raise", "i"), ("random_get", "ii"), ("sched_yield", ""),
        ("sock_accept", "iii"), ("sock_recv", "iiiiii"), ("sock_send", "iiiii"), ("sock_shutdown", "ii"),
    ];

    /// <summary>The socket extension, which has an own form of <c>sock_accept</c>.</summary>
    public static IReadOnlyList<(string Name, string Parameters)> SocketExtension { get; } =
    [
        ("sock_accept", "ii"), ("sock_bind", "iii"), ("sock_connect", "iii"), ("sock_getaddrinfo", "iiiiiiii"), ("sock_getlocaladdr", "iiii"),
        ("sock_getpeeraddr", "iiii"), ("sock_getsockopt", "iiiii"), ("sock_listen", "ii"), ("sock_open", "iii"),
        ("sock_recv_from", "iiiiiiii"), ("sock_send_to", "iiiiiii"), ("sock_setsockopt", "iiiii"),
    ];

    /// <summary>The one function that answers nothing, because it does not return.</summary>
    public const string Exit = "proc_exit";

    /// <summary>A module that imports all functions, those of the socket extension where it has them, and exports each under its own name.</summary>
    public static string ExtendedModuleText(int pages) => ModuleText(pages, [.. SocketExtension, .. All.ExceptBy(["sock_accept"], function => function.Name)]);

    /// <summary>A module that imports all functions of preview 1 and exports each under its own name.</summary>
    public static string ModuleText(int pages) => ModuleText(pages, All);

    private static string ModuleText(int pages, IReadOnlyList<(string Name, string Parameters)> functions)
    {
        var text = new StringBuilder("(module\n");
        foreach (var (name, parameters) in functions)
        {
            var types = string.Join(' ', parameters.Select(parameter => parameter == 'l' ? "i64" : "i32"));
            text.AppendLine($"  (import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param {types}) (result i32)))");
        }

        text.AppendLine($"  (import \"wasi_snapshot_preview1\" \"{Exit}\" (func ${Exit} (param i32)))");
        text.Append("  (memory (export \"memory\") ").Append(pages).AppendLine(")");
        foreach (var name in functions.Select(function => function.Name).Append(Exit))
        {
            text.AppendLine($"  (export \"{name}\" (func ${name}))");
        }

        return text.Append(')').ToString();
    }
}
