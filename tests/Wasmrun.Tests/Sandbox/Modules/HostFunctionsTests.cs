using Wasmrun.Sandbox.Engine;
using Wasmrun.Sandbox.Modules;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Modules;

/// <summary>What a module may import is what the system interface defines, function by function and type by type.</summary>
public sealed class HostFunctionsTests : IDisposable
{
    private readonly TestSandbox _sandbox = new();

    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var (name, parameters) in HostFunctions.All)
            {
                all.Add(name, parameters);
            }

            return all;
        }
    }

    [Fact]
    public void Lists_AllFunctionsOfPreview1()
    {
        string[] groups = ["args", "clock", "environ", "fd", "path", "poll", "proc", "random", "sched", "sock"];
        string[] standard = ["sock_accept", "sock_recv", "sock_send", "sock_shutdown"];
        var names = HostFunctions.All.Select(function => function.Name).Distinct(StringComparer.Ordinal).ToArray();

        Assert.Equal(46, names.Count(name => !name.StartsWith("sock_", StringComparison.Ordinal) || standard.Contains(name, StringComparer.Ordinal)));
        Assert.All(names, name => Assert.Contains(name.Split('_')[0], groups));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Defines_EveryFunctionInItsType_AndReadsNoMoreThanItsArguments(string name, string parameters)
    {
        var arguments = string.Join(' ', parameters.Select(letter => letter == 'l' ? "(i64.const 0)" : "(i32.const 0)"));
        var types = string.Join(' ', parameters.Select(letter => letter == 'l' ? "i64" : "i32"));
        var results = name is "proc_exit" ? string.Empty : "(result i32)";
        using var module = Module.FromText(
            _sandbox.Engine.Native,
            name,
            $$"""
            (module
              (import "{{HostFunctions.ModuleName}}" "{{name}}" (func (param {{types}}) {{results}}))
              (memory (export "memory") 1)
              (func (export "_start"))
              (func (export "call") {{results}} (call 0 {{arguments}})))
            """);
        ModuleInterface.Check(module);
        using var host = new WasiHost(new() { Network = _sandbox.Network(), Output = _sandbox.Output });
        using var linker = new GuestLinker(_sandbox.Engine.Native);
        using var store = new Store(_sandbox.Engine.Native);
        store.SetEpochDeadline(1);

        host.Define(linker, module);

        var thrown = Record.Exception(() => linker.Linker.Instantiate(store, module).GetFunction("call")!.Invoke());

        Assert.Equal(name is "proc_exit" ? typeof(ProcessExitException) : null, (thrown?.InnerException ?? thrown)?.GetType());
    }

    public void Dispose() => _sandbox.Dispose();
}
