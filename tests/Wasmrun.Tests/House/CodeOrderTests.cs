using System.Reflection;

namespace Wasmrun.Tests.House;

/// <summary>The native compiler says nothing of a method that is to lie first and is not there any more.</summary>
public sealed class CodeOrderTests
{
    public static TheoryData<string> Names => new(File.ReadLines(Repository.PathOf("src/Wasmrun.Cli/code-order.txt")));

    [Theory]
    [MemberData(nameof(Names))]
    public void NameInTheOrder_IsThatOfAMethod(string name) => Assert.Contains(name, Methods().Select(Mangled));

    /// <summary>The compiler's name of a method: of its assembly, its type, and its own, with an underscore for each dot.</summary>
    private static string Mangled(MethodInfo method) =>
        $"{method.DeclaringType!.Assembly.GetName().Name}.{method.DeclaringType.FullName}".Replace('.', '_') + $"__{method.Name}";

    private static IEnumerable<MethodInfo> Methods() => Assembly.Load("Wasmrun.Sandbox").GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic));
}
