using System.Security.Cryptography;
using System.Text;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Python;

/// <summary>Names everything that an instance is given from outside and that its memory may hold: instances with another key never share an image.</summary>
internal static class ImageKey
{
    /// <summary>Tells the guest the key of its image.</summary>
    public const string Variable = "WASMRUN_IMAGE";

    /// <summary>The key of instances that are given this.</summary>
    /// <param name="moduleHash">Of the interpreter.</param>
    public static string Of(string moduleHash, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, IReadOnlyList<GuestMount> mounts)
    {
        var variables = environment.Where(variable => variable.Key != Variable).OrderBy(variable => variable.Key, StringComparer.Ordinal);
        string[] parts = [moduleHash, $"{arguments.Count}", .. arguments, .. variables.SelectMany(variable => new[] { variable.Key, variable.Value }), .. mounts.Select(Describe)];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))))[..32];
    }

    private static string Describe(GuestMount mount) => mount switch
    {
        GuestMount.Text text => $"text {text.GuestPath} {Convert.ToHexString(SHA256.HashData(text.Content.Span))}",
        _ => mount.ToString(),
    };
}
