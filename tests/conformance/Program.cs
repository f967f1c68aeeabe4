using Wasmrun.Conformance;

if (args is not ([_] or [_, "--portable"]))
{
    Console.Error.WriteLine("usage: run CHECKOUT [--portable]");
    return 2;
}

var checkout = args[0];
var cases = TestCase.FindAll(checkout);
if (cases.Count == 0)
{
    Console.Error.WriteLine($"no tests in {checkout}: expected a checkout of the branch prod/testsuite-base of WebAssembly/wasi-testsuite");
    return 2;
}

using var runner = new SuiteRunner(portable: args.Length > 1);
var failed = 0;
foreach (var test in cases)
{
    var problem = await runner.RunAsync(test);
    failed += problem is null ? 0 : 1;
    Console.WriteLine(problem is null ? $"PASS {test.Name}" : $"FAIL {test.Name}: {problem}");
}

Console.WriteLine($"{cases.Count - failed} passed, {failed} failed");
return failed == 0 ? 0 : 1;
