using Wasmrun.Runtimes.Modules;
using Wasmrun.Runtimes.Packages.Keeping;
using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>The engine's module as it is run: with its short functions in place of their calls, and without what its interpreter does for nothing.</summary>
internal static class EngineModule
{
    /// <summary>SHA-256 of the module that is made, so that nobody has to read it at a start.</summary>
    public const string Hash = "5028039980ed21aef72b6dabab4865b92f2e1250b402d0a4d79160e787f789bb";

    private const string Version = "5";

    /// <summary>What is short still with shorter ones in it is put in place of its calls too.</summary>
    private const int Rounds = 2;

    // Functions of the engine that the lock names: JS_FreeValueRT, JS_CallInternal and find_own_property.
    private const int FreeValue = 40;
    private const int Interpret = 92;
    private const int FindOwnProperty = 99;

    /// <summary>The name of the file that a package becomes in this version.</summary>
    /// <param name="name">Of the package.</param>
    public static string FileName(string name) => $"{name}-{Version}.wasm";

    /// <summary>Writes the module into the folder, unless it is there, and answers the file to run.</summary>
    /// <param name="name">Of the package that it is from.</param>
    public static string Prepare(string modulePath, string folder, string name)
    {
        var path = Path.Combine(folder, FileName(name));
        if (!File.Exists(path))
        {
            var rewritten = Rewrite(File.ReadAllBytes(modulePath));
            CacheEntry.Make("the JavaScript engine", path, rewritten.Length, partial => File.WriteAllBytes(partial, rewritten));
        }

        return path;
    }

    /// <summary>Makes the module that is run out of the one that the package has.</summary>
    /// <exception cref="NotSupportedException">It is another engine than the one that the lock names.</exception>
    private static byte[] Rewrite(byte[] engine)
    {
        var module = new RewrittenModule(engine);
        module[Interpret] = InterpreterSteps.WithOneTable(InterpreterSteps.WithoutTrace(module[Interpret]), module.Memory);
        module[Interpret] = DirectSteps.Add(module[Interpret], StepStatistics.Read());

        // Most values that are let go are no objects or have others that know them, which is seen in a few instructions.
        var exits = EarlyExits.Of(module[FreeValue], (uint)module.Next) ?? throw new NotSupportedException("the engine frees values in another way");
        module[FreeValue] = exits.Short;
        module.Add(exits.Rest);

        // Most properties are the first that their hash leads to, and on the object itself.
        module.Change(static function => Finds(function) ? LoopPeeler.Peel(function, static body => body.Any(static each => each is { Operation: CallFunction, Number: FindOwnProperty })) : function);
        module[FindOwnProperty] = LoopPeeler.Peel(module[FindOwnProperty], static _ => true);
        module.Inline(Rounds, FindOwnProperty);
        module.WidenArguments();
        module.Change(StopLooks.Add);
        return module.ToArray();
    }

    private static bool Finds(ModuleFunction function)
    {
        var reader = new InstructionReader(function.Code);
        while (reader.Read())
        {
            if (reader.Operation == CallFunction && reader.Number == FindOwnProperty)
            {
                return true;
            }
        }

        return false;
    }
}
