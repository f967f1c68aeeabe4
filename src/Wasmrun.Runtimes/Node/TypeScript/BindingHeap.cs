using System.Text;
using Wasmrun.Runtimes.Node.Engine;
using Wasmtime;

namespace Wasmrun.Runtimes.Node.TypeScript;

/// <summary>
/// The values that the stripper passes to and fro by their number, as the glue of wasm-bindgen keeps them in JavaScript: texts, numbers and plain
/// objects are all that it uses of them.
/// </summary>
internal sealed class BindingHeap
{
    private const string Module = "__wbindgen_placeholder__";
    private const int Undefined = 128;
    private const int Null = 129;
    private const int True = 130;
    private const int False = 131;
    private const int FirstFree = 132;
    private const int ResultBytes = 16;

    private readonly Dictionary<int, object> _values = [];
    private int _next = FirstFree;
    private Instance? _instance;

    private Memory Memory => _instance!.GetMemory("memory")!;

    /// <summary>Defines what the module imports, on a heap of its own.</summary>
    public static Action<Linker> Define(out BindingHeap heap)
    {
        var made = heap = new();
        return made.Define;
    }

    /// <summary>Strips a program.</summary>
    /// <exception cref="HostErrorException">The program cannot be stripped.</exception>
    public string Transform(Instance instance, string source, string name)
    {
        _instance = instance;
        var options = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["mode"] = "strip-only",
            ["filename"] = name,
            ["sourceMap"] = false,
            ["deprecatedTsModuleAsError"] = true,
        };
        var move = instance.GetFunction<int, int>("__wbindgen_add_to_stack_pointer")!;
        var place = move(-ResultBytes);
        instance.GetAction<int, int, int>("transformSync")!(place, Add(source), Add(options));
        var (result, error, failed) = (Memory.ReadInt32(place), Memory.ReadInt32(place + sizeof(int)), Memory.ReadInt32(place + (2 * sizeof(int))));
        move(ResultBytes);
        return failed == 0
            ? (string)((Dictionary<string, object>)Get(result)!)["code"]
            : throw Problem(Get(error), name);
    }

    private static HostErrorException Problem(object? error, string name)
    {
        if (error is not Dictionary<string, object> fields)
        {
            return new("ERR_INTERNAL_ASSERTION", $"the types of {name} cannot be stripped: {error}");
        }

        var code = fields.GetValueOrDefault("code") is "UnsupportedSyntax" ? "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX" : "ERR_INVALID_TYPESCRIPT_SYNTAX";
        return new(code, $"{fields.GetValueOrDefault("message")}\n{name}:{fields.GetValueOrDefault("startLine")}\n{fields.GetValueOrDefault("snippet")}");
    }

    private void Define(Linker linker)
    {
        linker.DefineFunction(Module, "__wbindgen_is_falsy", (int value) => IsFalsy(Get(value)) ? 1 : 0);
        linker.DefineFunction(Module, "__wbindgen_is_object", (int value) => value == Null ? 0 : Get(value) is Dictionary<string, object> ? 1 : 0);
        linker.DefineFunction(Module, "__wbindgen_is_string", (int value) => Get(value) is string ? 1 : 0);
        linker.DefineFunction(Module, "__wbindgen_is_undefined", (int value) => value == Undefined ? 1 : 0);
        linker.DefineFunction(Module, "__wbindgen_boolean_get", (int value) => value switch { True => 1, False => 0, _ => 2 });
        linker.DefineFunction(Module, "__wbindgen_string_new", (int text, int length) => Add(Read(text, length)));
        linker.DefineFunction(Module, "__wbindgen_number_new", (double number) => Add(number));
        linker.DefineFunction(Module, "__wbindgen_string_get", (Action<int, int>)ReturnText);
        linker.DefineFunction(Module, "__wbindgen_object_clone_ref", (int value) => Add(Get(value)));
        linker.DefineFunction(Module, "__wbindgen_object_drop_ref", (int value) => { _values.Remove(value); });
        linker.DefineFunction(Module, "__wbindgen_jsval_loose_eq", (int one, int other) => Equals(Get(one), Get(other)) ? 1 : 0);
        linker.DefineFunction(Module, "__wbindgen_in", (int key, int value) => Get(value) is Dictionary<string, object> fields && Get(key) is string name && fields.ContainsKey(name) ? 1 : 0);
        linker.DefineFunction(Module, "__wbg_getwithrefkey_1dc361bd10053bfe", (int value, int key) =>
            Get(value) is Dictionary<string, object> fields && Get(key) is string name && fields.TryGetValue(name, out var field) ? Add(field) : Undefined);
        linker.DefineFunction(Module, "__wbg_new_405e22f390576ce2", () => Add(new Dictionary<string, object>(StringComparer.Ordinal)));
        linker.DefineFunction(Module, "__wbg_set_3f1d0b984ed272ed", (int target, int key, int value) =>
        {
            ((Dictionary<string, object>)Get(target)!)[(string)Take(key)!] = Take(value)!;
        });
        linker.DefineFunction(Module, "__wbindgen_error_new", (int text, int length) => Add(Read(text, length)));
        linker.DefineFunction(Module, "__wbindgen_throw", (int text, int length) => { throw new InvalidOperationException(Read(text, length)); });
    }

    private static bool IsFalsy(object? value) => value is null or false or 0.0 or "";

    private int Add(object? value)
    {
        switch (value)
        {
            case null:
                return Undefined;
            case bool flag:
                return flag ? True : False;
            default:
                _values[_next] = value;
                return _next++;
        }
    }

    private object? Get(int number) => number switch { Undefined or Null => null, True => true, False => false, _ => _values[number] };

    private object? Take(int number)
    {
        var value = Get(number);
        _values.Remove(number);
        return value;
    }

    private string Read(int text, int length) => Encoding.UTF8.GetString(Memory.GetSpan((uint)text, length));

    /// <summary>Writes a text's place and length to where the module wants them; nothing for what is not a text.</summary>
    private void ReturnText(int place, int value)
    {
        var (address, length) = (0, 0);
        if (Get(value) is string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            length = bytes.Length;
            address = _instance!.GetFunction<int, int, int>("__wbindgen_export_2")!(length, 1);
            bytes.CopyTo(Memory.GetSpan((uint)address, length));
        }

        Memory.WriteInt32(place, address);
        Memory.WriteInt32(place + sizeof(int), length);
    }
}
