using System.Security.Cryptography;
using System.Text;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Projects;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Python;

/// <summary>Runs Python projects on CPython for WASI, whose sockets are device files.</summary>
internal sealed class PythonRuntime(SandboxEngine engine, RuntimeOptions options) : ILanguageRuntime
{
    /// <summary>Where a guest finds what its project's instances keep for each other.</summary>
    public const string ByteCodePath = "/.wasmrun/bytecode";

    private const string SupportPath = "/.wasmrun/python";
    private const string LibraryPath = "/.wasmrun/library";
    private const string PathVariable = "PYTHONPATH";

    /// <inheritdoc />
    public string Language => "python";

    /// <inheritdoc />
    public async Task<GuestProgram> PrepareAsync(ProgramSource.Project project, ProgramRequest request, CancellationToken token)
    {
        var entry = PythonProject.FindEntry(project.Folder, project.Entrypoint, request.Environment);
        var package = await RuntimePackages.GetAsync(RuntimeLock.Python, options, project.Folder, token);
        var packed = Path.Combine(package, "dist", "python.wasm");
        var name = Path.GetFileName(package);
        var unpacking = Task.Run(() => PythonLibrary.Unpack(packed, options.LibraryFolder, name), CancellationToken.None);
        var compiling = LoadAsync(packed, name, token);
        await Task.WhenAll(unpacking, compiling);
        var (library, (module, far)) = (await unpacking, await compiling);
        GuestMount[] libraryMount = library is null ? [] : [new GuestMount.Host(LibraryPath, library, ReadOnly: true)];
        var variables = Variables(project, request);
        if (MissingRequirements.Advice(project.Folder, variables[PathVariable].Split(':')) is { } advice)
        {
            options.Tell(advice);
        }

        var support = PythonGuestFiles.Write(options.Folder);
        var program = new GuestProgram(module)
        {
            Arguments = ["python", $"{SupportPath}/wasmrun_main.py", entry.Kind, entry.Target, .. request.Arguments],
            Environment = variables,
            Mounts = ProjectMount.With(
                project,
                request.Mounts,
                [
                    new GuestMount.Host(SupportPath, support, ReadOnly: true),
                    new GuestMount.Host(ByteCodePath, ByteCode(project.Folder), ReadOnly: false),
                    KeyDerivation.Mount,
                    .. libraryMount,
                ]),
        };
        return far.Count > 0 ? WithImages(program with { Far = far }) : program;
    }

    /// <summary>The interpreter, and the parts of it that are loaded when they are called; none when it is one that is run as it is.</summary>
    private async Task<(CompiledModule Module, IReadOnlyList<FarCode> Far)> LoadAsync(string packed, string name, CancellationToken token)
    {
        var isCompiled = engine.Keeps(PythonModule.Hashes[0]);
        if (PythonModule.Prepare(packed, options.InterpreterFolder, name, 0) is not { } near)
        {
            return (await engine.LoadAsync(packed, token), []);
        }

        var module = await engine.LoadKnownAsync(near, PythonModule.Hashes[0], token);
        FarCode[] far = [.. Enumerable.Range(1, PythonModule.Hashes.Count - 1).Select(part => new FarCode(() =>
        {
            var (path, hash) = (PythonModule.Prepare(packed, options.InterpreterFolder, name, part)!, PythonModule.Hashes[part]);
            return part == 1 && !isCompiled ? engine.LoadKnownLibraryAsideAsync(path, hash, CancellationToken.None) : engine.LoadKnownLibraryAsync(path, hash, CancellationToken.None);
        }))];
        if (!isCompiled)
        {
            // What usual programs call soon is compiled while the first one starts, which takes one processor.
            far[0].LoadAhead();
        }

        return (module, far);
    }

    /// <summary>The program on an interpreter that can begin with the memory of another.</summary>
    private GuestProgram WithImages(GuestProgram program)
    {
        var hash = program.Module.ContentHash;
        var images = new PythonImages(options.PythonImageFolder, ImageKey.Of(hash, program.Arguments, program.Environment, program.Mounts), options.Time);
        var variables = new Dictionary<string, string>(program.Environment, StringComparer.Ordinal) { [ImageKey.Variable] = images.Key };
        return program with
        {
            Environment = variables,
            Driver = () => new PythonDriver(hash, images, isPreparation: false),
            Preparation = () => new PythonDriver(hash, images, isPreparation: true),
            Spare = start => new PythonDriver(hash, images, isPreparation: false, start),
            SpareKey = images.Key,
        };
    }

    /// <summary>Each project has its own: what one guest writes there, no other runs.</summary>
    private string ByteCode(string project)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.ByteCodeFolder, NameOf(project))).FullName;
        // Its time is that of the last use, for who makes room.
        Directory.SetLastWriteTimeUtc(folder, options.Time.GetUtcNow().UtcDateTime);
        return folder;
    }

    private static string NameOf(string project) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(project)))[..16];

    private static Dictionary<string, string> Variables(ProgramSource.Project project, ProgramRequest request)
    {
        var variables = new Dictionary<string, string>(request.Environment, StringComparer.Ordinal);
        string[] own = variables.TryGetValue(PathVariable, out var asked) ? [asked] : [];
        variables[PathVariable] = string.Join(':', [SupportPath, .. own, LibraryPath, .. PythonProject.FindPackages(project.Folder)]);
        variables.TryAdd("PYTHONUNBUFFERED", "1");
        variables.TryAdd("PYTHONPYCACHEPREFIX", ByteCodePath);
        variables.TryAdd("HOME", ProjectMount.GuestPath);
        variables["PWD"] = request.WorkingDirectory ?? ProjectMount.GuestPath;
        return variables;
    }
}
