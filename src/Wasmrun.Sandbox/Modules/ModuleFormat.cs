using System.Text;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Tells from its first bytes what a file is, whatever its name says, so that the wrong file is answered with what it is
/// and what to name or build instead.
/// </summary>
internal static class ModuleFormat
{
    private const byte WasmtimeElf = 200;

    private static readonly (byte[] Start, string Is, string Remedy)[] Foreign =
    [
        ([0x1f, 0x8b], "gzip-compressed", "unpack it first"),
        ([0x28, 0xb5, 0x2f, 0xfd], "zstd-compressed", "unpack it first"),
        ([0xfd, .. "7zXZ"u8], "xz-compressed", "unpack it first"),
        ([.. "PK\x03\x04"u8], "a zip archive", "unpack it, and name the .wasm file in it"),
        ([0x7f, .. "ELF"u8], "a native Linux program or library (ELF)", "build it for WebAssembly, for instance with the target wasm32-wasip1"),
        ([.. "MZ"u8], "a native Windows program", "build it for WebAssembly, for instance with the target wasm32-wasip1"),
        ([0xcf, 0xfa, 0xed, 0xfe], "a native macOS program", "build it for WebAssembly, for instance with the target wasm32-wasip1"),
        ([0xca, 0xfe, 0xba, 0xbe], "a native macOS program or Java class", "build it for WebAssembly, for instance with the target wasm32-wasip1"),
        ([.. "BC"u8, 0xc0, 0xde], "LLVM bitcode", "link it to a WebAssembly module first"),
        ([.. "!<arch>"u8], "an archive of object files", "link it to a WebAssembly module first"),
        ([.. "version https://git-lfs"u8], "a Git LFS pointer instead of the file", "fetch the file with 'git lfs pull'"),
        ([.. "#!"u8], "a script", "name a .wasm or .wat file"),
        ([.. "<"u8], "an HTML or XML page, perhaps an answer of a web server that was saved as the file", "download it again"),
        ([.. "{"u8], "JSON text", "name a .wasm or .wat file"),
    ];

    private static ReadOnlySpan<byte> Magic => "\0asm"u8;

    /// <summary>Whether the bytes are a module in the text format (true) or in the binary format (false).</summary>
    /// <exception cref="ModuleProblemException">They are neither, or of a kind that does not run here.</exception>
    public static bool IsText(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Magic))
        {
            CheckVersion(bytes[Magic.Length..]);
            return false;
        }

        var text = SkipBlank(bytes);
        if (text.StartsWith("("u8) || text.StartsWith(";;"u8))
        {
            return true;
        }

        throw Problem(bytes.IsEmpty ? "is empty; build it again" : $"is not a WebAssembly module: it {Describe(bytes)}");
    }

    private static void CheckVersion(ReadOnlySpan<byte> version)
    {
        switch (version)
        {
            case [1, 0, 0, 0, ..]:
                return;
            case [_, _, 1, 0, ..]:
                throw Problem(
                    "is a WebAssembly component; this version runs core modules with WASI preview 1: build it for wasm32-wasip1 " +
                    "(without 'wasm-tools component new', and not for wasm32-wasip2)");
            case { Length: < 4 }:
                throw Problem("ends within its first 8 bytes; build or copy it again");
            default:
                throw Problem($"is WebAssembly of version {version[0] | (version[1] << 8)}, and only version 1 is known");
        }
    }

    private static string Describe(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [0x7f, (byte)'E', (byte)'L', (byte)'F', _, _, _, WasmtimeElf, ..])
        {
            return "is already compiled to native code (.cwasm), which is not taken from others; name the .wasm file that it was made from";
        }

        foreach (var (start, what, remedy) in Foreign)
        {
            if (bytes.StartsWith(start))
            {
                return $"looks {(what.EndsWith("compressed", StringComparison.Ordinal) ? string.Empty : "like ")}{what}; {remedy}";
            }
        }

        return $"starts with {Start(bytes)} instead of '\\0asm'; name a .wasm or .wat file";
    }

    private static string Start(ReadOnlySpan<byte> bytes)
    {
        var start = bytes[..Math.Min(8, bytes.Length)];
        return start.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? $"the bytes {Convert.ToHexStringLower(start)}"
            : $"'{Encoding.ASCII.GetString(start)}'";
    }

    private static ReadOnlySpan<byte> SkipBlank(ReadOnlySpan<byte> bytes)
    {
        var start = bytes.StartsWith("\ufeff"u8) ? 3 : 0;
        var length = bytes[start..].IndexOfAnyExcept(" \t\r\n"u8);
        return length < 0 ? [] : bytes[(start + length)..];
    }

    private static ModuleProblemException Problem(string text) => new(new(text));
}
