namespace Wasmrun.Runtimes.Python;

/// <summary>What starts a project: the two arguments that <c>wasmrun_main.py</c> is given.</summary>
/// <param name="Kind"><c>file</c> is run, <c>call</c> is a function that is called, <c>app</c> is an application that is served.</param>
/// <param name="Target">A path in the project, or <c>module:name</c>.</param>
internal sealed record PythonEntry(string Kind, string Target)
{
    public static PythonEntry File(string path) => new("file", path);

    public static PythonEntry Call(string function) => new("call", function);

    public static PythonEntry App(string application) => new("app", application);
}
