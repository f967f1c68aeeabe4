using BenchmarkDotNet.Running;
using Wasmrun.Benchmarks.Compare;

if (args is ["compare", .. var rest])
{
    return await Comparison.RunAsync(rest);
}

BenchmarkSwitcher.FromAssembly(typeof(Comparison).Assembly).Run(args);
return 0;
