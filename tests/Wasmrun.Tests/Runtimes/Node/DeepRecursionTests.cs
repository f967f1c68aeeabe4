using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>
/// However a script goes too deep, it gets a RangeError, or a SyntaxError where it is being compiled, and goes on: the guest's machine stack never
/// ends first. Texts from outside, like a body of JSON, can ask for that.
/// </summary>
public sealed class DeepRecursionTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    public static TheoryData<string> Recursions =>
    [
        "function f() { f(); } f()",
        "function f(...rest) { return f(...rest, 1); } f()",
        "const f = (a) => [a].map(f); f(1)",
        "const f = () => [2, 1].sort(f); f()",
        "const f = () => 'a'.replace(/a/g, f); f()",
        "const f = () => JSON.stringify({ toJSON: f }); f()",
        "const f = () => JSON.parse('[1]', f); f()",
        "const o = { get a() { return this.a; } }; o.a",
        "const p = new Proxy({}, { get: (t, n, r) => r[n] }); p.a",
        "const p = new Proxy(function () {}, { apply: () => p(), construct: () => new p() }); new p()",
        "class A { constructor() { new A(); } } new A()",
        "class A { static [Symbol.hasInstance](v) { return v instanceof A; } } 1 instanceof A",
        "const o = { toString() { return `${o}`; } }; String(o)",
        "const o = { valueOf() { return +o; } }; +o",
        "function* g() { yield* g(); } g().next()",
        "const f = () => Reflect.apply(f, null, []); f()",
        "const f = () => f.bind(null)(); f()",
        "const f = () => eval('f()'); f()",
        "eval('['.repeat(1e6) + ']'.repeat(1e6))",
        "eval('('.repeat(1e6) + '1' + ')'.repeat(1e6))",
        "eval('(-'.repeat(1e6))",
        "new RegExp('('.repeat(1e6) + ')'.repeat(1e6))",
        "/^(?:(a)|b)*$/.test('ab'.repeat(5e6)); (function f() { /(?:)/[Symbol.replace]('a', f); f(); })()",
        "JSON.parse('['.repeat(1e6))",
        "let a = []; for (let i = 0; i < 1e6; i++) a = [a]; JSON.stringify(a)",
        "let a = []; for (let i = 0; i < 1e6; i++) a = [a]; a.flat(Infinity)",
        "let a = []; for (let i = 0; i < 1e6; i++) a = [a]; String(a)",
        "let a = []; for (let i = 0; i < 1e6; i++) a = [a]; structuredClone(a)",
        "const f = () => new Function('f', 'f()')(f); f()",
        "const f = () => require('vm').runInThisContext('1') && f(); f()",
    ];

    public void Dispose() => _node.Dispose();

    [Theory]
    [MemberData(nameof(Recursions))]
    public async Task TooDeep_IsAnErrorAndTheScriptGoesOn(string recursion)
    {
        var (output, exit) = await _node.RunAsync($"let said; try {{ (function () {{ {recursion} }})(); }} catch (e) {{ said = e.name; }} console.log(said, [1, 2].map((n) => n * 2))");

        Assert.Equal((new InstanceExit.Exited(0), true), (exit, output.EndsWith("[ 2, 4 ]\n", StringComparison.Ordinal)));
        Assert.Matches("^(RangeError|SyntaxError) ", output);
    }
}
