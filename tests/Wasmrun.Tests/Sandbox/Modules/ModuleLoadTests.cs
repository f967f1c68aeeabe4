using System.Text;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox.FileSystem;

namespace Wasmrun.Tests.Sandbox.Modules;

/// <summary>A file that cannot be run is answered with its name, the place, the reason and a way out, before anything starts.</summary>
public sealed class ModuleLoadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SandboxEngine _engine = new(new() { CacheDirectory = null });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http")]
    [InlineData("extension")]
    [InlineData("inherit")]
    public async Task Loads_ProgramsInC(string guest)
    {
        var path = House.Repository.PathOf($"tests/guests/{guest}.wasm");

        Assert.Equal(path, (await _engine.LoadAsync(path, Token)).Path);
    }

    [Theory]
    [InlineData("(module (memory (export \"memory\") 1) (func (export \"_start\")))")]
    [InlineData("\ufeff\n  ;; a comment first\n(module (func (export \"_start\")))")]
    [InlineData("(; a comment ;) (module (func (export \"_start\")))")]
    public async Task Loads_TextWhateverItsNameSays(string text) =>
        Assert.EndsWith("guest.wasm", (await _engine.LoadAsync(_folder.Write("guest.wasm", text), Token)).Path, StringComparison.Ordinal);

    [Theory]
    [InlineData(new byte[] { 0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0 }, "looks like a native Linux program or library (ELF); build it for WebAssembly")]
    [InlineData(new byte[] { 0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 200 }, "is already compiled to native code (.cwasm)")]
    [InlineData(new byte[] { 0x1f, 0x8b, 8, 0 }, "looks gzip-compressed; unpack it first")]
    [InlineData(new byte[] { 0x4d, 0x5a, 0, 0 }, "looks like a native Windows program")]
    [InlineData(new byte[] { 0x50, 0x4b, 3, 4 }, "looks like a zip archive; unpack it")]
    [InlineData(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, @"starts with the bytes 0102030405060708 instead of '\0asm'")]
    public async Task Refuses_BytesThatAreSomethingElse(byte[] bytes, string what) =>
        Assert.StartsWith($"is not a WebAssembly module: it {what}", await ProblemAsync(bytes), StringComparison.Ordinal);

    [Theory]
    [InlineData("#!/bin/sh\necho hello\n", "looks like a script")]
    [InlineData("<!DOCTYPE html><html></html>", "looks like an HTML or XML page")]
    [InlineData("{\"name\":\"web\"}", "looks like JSON text")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "looks like a Git LFS pointer instead of the file; fetch the file with 'git lfs pull'")]
    [InlineData("hello world, this is text", "starts with 'hello wo' instead of")]
    public async Task Refuses_TextThatIsSomethingElse(string text, string what) =>
        Assert.StartsWith($"is not a WebAssembly module: it {what}", await ProblemAsync(Encoding.UTF8.GetBytes(text)), StringComparison.Ordinal);

    [Fact]
    public async Task Refuses_AComponentAndSaysWhatToBuild()
    {
        var problem = await ProblemAsync([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);

        Assert.StartsWith("is a WebAssembly component; this version runs core modules with WASI preview 1: build it for wasm32-wasip1", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { }, "is empty; build it again")]
    [InlineData(new byte[] { 0, 0x61, 0x73, 0x6d }, "ends within its first 8 bytes; build or copy it again")]
    [InlineData(new byte[] { 0, 0x61, 0x73, 0x6d, 2, 0, 0, 0 }, "is WebAssembly of version 2, and only version 1 is known")]
    [InlineData(new byte[] { 0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 255 }, "is not complete: the file ends too early; build or copy it again")]
    public async Task Refuses_BrokenBinaries(byte[] bytes, string problem) => Assert.Equal(problem, await ProblemAsync(bytes));

    [Fact]
    public async Task Refuses_ATruncatedProgram()
    {
        var whole = await File.ReadAllBytesAsync(House.Repository.PathOf("tests/guests/http.wasm"), Token);

        Assert.Contains("build or copy it again", await ProblemAsync(whole[..(whole.Length / 2)]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_TextWithTheLineAndColumnOfTheError()
    {
        var path = _folder.Write("guest.wat", "(module\n  (func (export \"_start\")\n    (call $nobody)))\n");

        var error = await Assert.ThrowsAsync<ModuleLoadException>(() => _engine.LoadAsync(path, Token));

        Assert.Equal($"{path}(3,11): is not valid WebAssembly text: unknown func: failed to find name `$nobody`", error.Message);
    }

    [Theory]
    [InlineData("(func (export \"_start\") (i32.add))", "is not valid WebAssembly: Invalid input WebAssembly code at offset 35: type mismatch: expected i32 but nothing on stack, in function 0")]
    [InlineData("(func (export \"_start\")) (memory (export \"memory\") i64 1)", "uses 64-bit memory; build it for wasm32")]
    [InlineData("(func (export \"_start\")) (memory (export \"memory\") 1 1 shared)", "shares its memory between threads, which has no equal in a sandbox with one thread; build it without threads (wasm32-wasip1, no -pthread)")]
    [InlineData("(func (export \"_start\")) (memory 1) (memory 1)", "declares several memories; a guest here has one")]
    [InlineData("(func (export \"main\"))", "exports no function '_start'; build it as a program, with a main function")]
    [InlineData("(func (export \"_initialize\"))", "is a library: it exports '_initialize' and no '_start'; build it as a program (not -mexec-model=reactor, not a cdylib), with a main function")]
    [InlineData("(func (export \"_start\") (param i32))", "exports '_start' with parameters or results; a program's start function has neither")]
    [InlineData("(memory (export \"_start\") 1)", "exports '_start', but not as a function")]
    [InlineData("(import \"wasi_snapshot_preview1\" \"sched_yield\" (func (result i32))) (func (export \"_start\"))", "exports no memory under the name 'memory', which host functions need")]
    public async Task Refuses_Module(string fields, string problem) => Assert.Equal(problem, await TextProblemAsync(fields));

    [Theory]
    [InlineData("(import \"env\" \"printf\" (func (param i32 i32) (result i32)))", "'env.printf' is not known (functions and data of 'env' are what the linker did not find")]
    [InlineData("(import \"wasi_unstable\" \"fd_write\" (func (param i32 i32 i32 i32) (result i32)))", "'wasi_unstable.fd_write' is not known (it was built for WASI as it was before preview 1")]
    [InlineData("(import \"wasi:io/streams@0.2.0\" \"drop\" (func (param i32)))", "'wasi:io/streams@0.2.0.drop' is not known (these are of WASI preview 2: build it for wasm32-wasip1)")]
    [InlineData("(import \"wasix_32v1\" \"fork\" (func (param i32)))", "'wasix_32v1.fork' is not known (it was built for WASIX: build it for wasm32-wasip1)")]
    [InlineData("(import \"gojs\" \"runtime.wasmExit\" (func (param i32)))", "'gojs.runtime.wasmExit' is not known (it was built for JavaScript: build it with GOOS=wasip1 GOARCH=wasm)")]
    [InlineData("(import \"plugin\" \"log\" (func (param i32)))", "'plugin.log' is not known (only functions of 'wasi_snapshot_preview1' can be imported)")]
    [InlineData("(import \"wasi_snapshot_preview1\" \"fd_fly\" (func (param i32)))", "'wasi_snapshot_preview1.fd_fly' is not known")]
    [InlineData("(import \"wasi_snapshot_preview1\" \"fd_close\" (func (param i64) (result i32)))", "'wasi_snapshot_preview1.fd_close' is imported as (i64) -> (i32), but is (i32) -> (i32)")]
    [InlineData("(import \"wasi_snapshot_preview1\" \"sock_accept\" (func (param i32)))", "'wasi_snapshot_preview1.sock_accept' is imported as (i32) -> (), but is (i32 i32 i32) -> (i32) or (i32 i32) -> (i32)")]
    [InlineData("(import \"wasi_snapshot_preview1\" \"\\1b[2J\\nweb-1  | forged\" (func))", "'wasi_snapshot_preview1.\\u001b[2J\\u000aweb-1  | forged' is not known")]
    public async Task Refuses_Import(string import, string problem) =>
        Assert.StartsWith(
            $"imports what is not there: {problem}",
            await TextProblemAsync($"{import} (memory (export \"memory\") 1) (func (export \"_start\"))"),
            StringComparison.Ordinal);

    [Fact]
    public async Task Refuses_OneFunctionInTwoTypes()
    {
        const string Accept = "(import \"wasi_snapshot_preview1\" \"sock_accept\" ";

        var problem = await TextProblemAsync(
            $"{Accept} (func (param i32 i32 i32) (result i32))) {Accept} (func (param i32 i32) (result i32))) (memory (export \"memory\") 1) (func (export \"_start\"))");

        Assert.Equal(
            "imports 'sock_accept' with 2 and with 3 parameters: use either the functions of preview 1 or those of the socket extension for it", problem);
    }

    [Theory]
    [InlineData("(memory 1)", "'env.it' is a memory, and a guest brings its own (functions and data of 'env'")]
    [InlineData("(table 1 funcref)", "'env.it' is a table, and a guest brings its own")]
    [InlineData("(global i32)", "'env.it' is a global, and a guest brings its own")]
    public async Task Refuses_ImportThatIsNoFunction(string kind, string problem) =>
        Assert.StartsWith(
            $"imports what is not there: {problem}",
            await TextProblemAsync($"(import \"env\" \"it\" {kind}) (func (export \"_start\"))"),
            StringComparison.Ordinal);

    [Fact]
    public async Task Refuses_WithAllReasonsAtOnce()
    {
        var imports = string.Concat(Enumerable.Range(0, 11).Select(i => $"(import \"env\" \"f{i}\" (func)) "));

        var problem = await TextProblemAsync(imports);

        Assert.Contains("'env.f0' is not known, 'env.f1' is not known", problem, StringComparison.Ordinal);
        Assert.Contains(" and 3 more (functions and data of 'env'", problem, StringComparison.Ordinal);
        Assert.Contains("; exports no function '_start'", problem, StringComparison.Ordinal);
        Assert.Contains("; exports no memory", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_AMissingFileAndNamesThoseThatAreThere()
    {
        _folder.Write("web.wasm", "(module)");
        _folder.Write("notes.txt", "no module");
        var path = _folder.Sub("wbe.wasm");

        var error = await Assert.ThrowsAsync<ModuleLoadException>(() => _engine.LoadAsync(path, Token));

        Assert.Equal($"{path}: does not exist; its folder has web.wasm", error.Message);
    }

    [Fact]
    public async Task Refuses_AFolderAndAFileInAMissingFolder()
    {
        var folder = await Assert.ThrowsAsync<ModuleLoadException>(() => _engine.LoadAsync(_folder.Path, Token));
        var missing = await Assert.ThrowsAsync<ModuleLoadException>(() => _engine.LoadAsync(_folder.Sub("build", "web.wasm"), Token));

        Assert.Equal($"{_folder.Path}: is a folder; name the .wasm or .wat file in it", folder.Message);
        Assert.Equal($"{_folder.Sub("build", "web.wasm")}: does not exist, and neither does the folder '{_folder.Sub("build")}'", missing.Message);
    }

    [Fact]
    public async Task Refuses_APipeWithoutWaitingForIt()
    {
        var path = _folder.Sub("pipe.wasm");
        HostCalls.MakePipe(path);

        var error = await Assert.ThrowsAsync<ModuleLoadException>(() => _engine.LoadAsync(path, Token));

        Assert.Equal($"{path}: is no regular file, but a pipe, socket or device; write the module to a file, and name that", error.Message);
    }

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    private Task<string> TextProblemAsync(string fields) => ProblemAsync(Encoding.UTF8.GetBytes($"(module {fields})"));

    private async Task<string> ProblemAsync(byte[] bytes)
    {
        var path = _folder.Write("guest.bin", bytes);
        var error = await Assert.ThrowsAsync<ModuleLoadException>(() => _engine.LoadAsync(path, Token));
        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        return error.Message[(path.Length + 2)..];
    }
}
