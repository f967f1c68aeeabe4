using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>TypeScript files in Node.js projects.</summary>
public sealed class TypeScriptTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Types_AreStripped_InModulesOfBothKinds()
    {
        _node.Folder.Write("shape.mts", "export interface Shape { area(): number }\nexport const square = (side: number): Shape => ({ area: () => side * side });\n");
        _node.Folder.Write("old.cts", "const name: string = 'common';\nmodule.exports = { name } as { name: string };\n");

        var (output, exit) = await _node.RunAsync(
            """
            import { square, type Shape } from './shape.mts';
            import old from './old.cts';
            const shape: Shape = square(3)!;
            console.log(shape.area() satisfies number, old.name);
            """,
            "main.ts");

        Assert.Equal("9 common\n", output);
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }

    [Fact]
    public async Task CommonJsEntry_IsRunAsSuch()
    {
        var (output, _) = await _node.RunAsync("const path: any = require('node:path');\nconsole.log(path.basename(__filename), require.main === module);\n", "main.ts");

        Assert.Equal("main.ts true\n", output);
    }

    [Fact]
    public async Task Positions_StayWhereTheyAre()
    {
        var (output, exit) = await _node.RunAsync("type A = {\n  b: string;\n};\nconst fail = (value: A): never => { throw new Error(value.b); };\nfail({ b: 'here' });\n", "main.ts");

        Assert.Contains("main.ts:4:", output, StringComparison.Ordinal);
        Assert.Equal(new InstanceExit.Exited(1), exit);
    }

    [Theory]
    [InlineData("enum Color { Red }", "TypeScript enum is not supported in strip-only mode")]
    [InlineData("namespace N { export const a = 1 }", "TypeScript namespace declaration is not supported")]
    [InlineData("class A { constructor(private x: number) {} }", "TypeScript parameter property is not supported")]
    public async Task WhatNeedsMoreThanLeavingOut_IsASyntaxError(string code, string message)
    {
        var (output, exit) = await _node.RunAsync($"const first: number = 1;\n{code}\n", "main.ts");

        Assert.Contains("SyntaxError [ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX]: " + message, output, StringComparison.Ordinal);
        Assert.Contains("/app/main.ts:2\n", output, StringComparison.Ordinal);
        Assert.Contains("^^^", output, StringComparison.Ordinal);
        Assert.Equal(new InstanceExit.Exited(1), exit);
    }

    [Fact]
    public async Task InvalidTypeScript_IsASyntaxError()
    {
        var (output, _) = await _node.RunAsync("const a: = 1;\n", "main.ts");

        Assert.Contains("SyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PackagesOfTypeScript_AreRefusedAsByNode()
    {
        Directory.CreateDirectory(Path.Combine(_node.Folder.Path, "node_modules", "typed"));
        _node.Folder.Write("node_modules/typed/index.ts", "export const a: number = 1;\n");
        _node.Folder.Write("node_modules/typed/package.json", """{ "main": "index.ts" }""");

        var (output, _) = await _node.RunAsync("import { a } from 'typed';\nconst b: number = a;\nconsole.log(b);\n", "main.ts");

        Assert.Contains("ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Source_ThatIsTooLongIsRefused()
    {
        _node.Folder.Write("other.ts", string.Empty);

        var (output, _) = await _node.RunAsync("try { require('node:module').stripTypeScriptTypes(' '.repeat(9 << 20)); } catch (error) { console.log(error.message); }");

        Assert.Equal("the types of <input> cannot be stripped: it has more than 8 MiB\n", output);
    }

    [Fact]
    public async Task AProgram_CanStripItself()
    {
        _node.Folder.Write("other.ts", string.Empty);

        var (output, _) = await _node.RunAsync("console.log(require('node:module').stripTypeScriptTypes('let a: string = `ß`;'))");

        Assert.Equal("let a         = `ß`;\n", output);
    }
}
