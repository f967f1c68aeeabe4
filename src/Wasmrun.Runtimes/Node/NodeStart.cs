using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Baking;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Runtimes.Node.Host;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node;

/// <summary>
/// How an instance begins: where another one was that had loaded the same packages, or where another one was that had booted, or from nothing;
/// and what it leaves behind on its way for those after it. None of the program's own code has run then.
/// </summary>
internal sealed class NodeStart(DrivenGuest guest, NodeProgram program, QuickJs engine, HostTable table, Callbacks callbacks)
{
    private const int MostEntryBytes = 1 << 20;

    /// <summary>Of an image, which lies in the runner's memory beside those of the guests.</summary>
    private const long MostImageBytes = 128L << 20;

    private readonly HostFunction[] _functions = table.Functions;

    public required ContextFunctions Contexts { get; init; }

    public required ScriptFunctions Script { get; init; }

    public required EnvironmentFunctions Variables { get; init; }

    public void Begin()
    {
        if (program.Images?.Of(guest, program) is not { } project || ReadEntry() is not { } entry)
        {
            Boot();
            return;
        }

        var requests = LeadingRequests.Of(entry);
        if (project.Find(requests, guest) is { } image && TryRestore(image))
        {
            return;
        }

        Boot();
        if (!engine.CanBeTaken)
        {
            project.Tell("where the engine keeps its random numbers is not known: every instance starts anew");
        }
        else if (requests.Count == 0)
        {
            project.Tell("its entry does not begin with packages: every instance loads what it needs anew");
        }
        else if (project.Most(requests) is var most and > 0)
        {
            Load(project, requests, most);
        }
    }

    /// <summary>Loads the packages, watched, and leaves an image behind if any other instance could have loaded them.</summary>
    private void Load(ProjectImage project, IReadOnlyList<LeadingRequest> requests, int most)
    {
        var recorder = new LoadRecorder(guest, program.MainPath);
        var (calls, random) = (guest.UnrepeatableCalls(), engine.RandomNumbers);
        engine.Use(recorder.Watch(table));
        Variables.Recorder = recorder;
        Call("prepare");
        for (var index = 0; index < most && recorder.Reason is null; index++)
        {
            if (!Call("preload", requests[index]))
            {
                project.Tell("its entry is of another kind than it looks: every instance loads its packages anew");
                recorder.Refuse(string.Empty);
                break;
            }

            if (guest.UnrepeatableCalls() != calls)
            {
                recorder.Refuse("asks for the time");
            }
            else if (engine.RandomNumbers != random)
            {
                recorder.Refuse("draws random numbers");
            }
            else if (engine.MemoryBytes > MostImageBytes)
            {
                recorder.Refuse("takes more memory than an image may have");
            }

            if (recorder.Reason is { } reason)
            {
                project.Limit(requests, index, reason);
            }
        }

        if (recorder.Reason is null && Contexts.IsEmpty)
        {
            if (recorder.Facts([.. requests.Take(most)], requests.ElementAtOrDefault(most)) is { } facts)
            {
                project.Keep(Take(facts.Facts, facts.Files), guest.Files);
            }
        }

        engine.Use(_functions);
        Variables.Recorder = null;
    }

    private bool Call(string callback, LeadingRequest? request = null)
    {
        var name = request is null ? JsValue.Undefined : engine.NewText(request.Name);
        var result = engine.Call(callbacks[callback], name, JsValue.From(request is { IsImport: true }));
        engine.Free(name);
        if (result.IsException)
        {
            throw new InvalidOperationException($"the core modules failed: {engine.ToText(engine.TakeException())}");
        }

        engine.Free(result);
        return result != JsValue.From(false);
    }

    private void Boot()
    {
        if (program.Boot?.Find() is { } image && TryRestore(image))
        {
            return;
        }

        engine.Initialize(_functions);
        var source = Encoding.UTF8.GetString(CoreModules.Find("internal/boot") ?? throw new InvalidOperationException("the core modules are gone"));
        var boot = engine.Evaluate(source, "node:internal/boot");
        var result = boot.IsException ? boot : engine.Call(boot, engine.CreateHostObject(table.Names));
        if (result.IsException)
        {
            throw new InvalidOperationException($"the core modules do not start: {engine.ToText(engine.TakeException())}");
        }

        if (engine.CanBeTaken)
        {
            program.Boot?.Keep(Take(null, null));
        }
    }

    private EngineImage Take(LoadFacts? facts, FileFacts? files)
    {
        var (memory, state) = engine.Take();
        return new(memory, state, new(callbacks.Take(), Script.Control, Contexts.Atom), facts, files);
    }

    private bool TryRestore(EngineImage image)
    {
        if (!engine.TryRestore(image.Memory, image.Engine, _functions))
        {
            return false;
        }

        // Its memory, with the flag that tells it to stop, is another since.
        guest.LookUp();

        callbacks.Restore(image.Host.Callbacks);
        Script.Control = image.Host.Control;
        if (image.Host.ContextAtom != 0)
        {
            Contexts.Hook(engine, image.Host.ContextAtom);
        }

        return true;
    }

    /// <summary>The text of the entry, null when it cannot begin with packages.</summary>
    private string? ReadEntry()
    {
        if (Path.GetExtension(program.MainPath) is not (".js" or ".cjs" or ".mjs") || guest.Files.Open(program.MainPath, GuestFileModes.Read, out var descriptor) != Errno.None)
        {
            return null;
        }

        var buffer = new byte[MostEntryBytes];
        var total = 0;
        var error = Errno.None;
        for (var count = 1; count > 0 && error == Errno.None && total < buffer.Length; total += count)
        {
            error = guest.Files.Read(descriptor, buffer.AsSpan(total), position: -1, out count);
        }

        _ = guest.Files.Close(descriptor);
        return error == Errno.None && total < buffer.Length ? Encoding.UTF8.GetString(buffer, 0, total) : null;
    }
}
