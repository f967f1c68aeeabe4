using System.Security.Cryptography;
using System.Text;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>
/// What the loading of a program's packages has looked at beside files (see <see cref="FileFacts"/>): as long as it is all so, they would load in
/// the same way again.
/// </summary>
/// <param name="Requests">The packages, in their order.</param>
/// <param name="Next">The package after them, which every instance has to load itself; null when they are all.</param>
/// <param name="Variables">Hashes of the variables that were read, null for one that was not set.</param>
/// <param name="Names">Hash of the names of all variables, null when nobody asked for them.</param>
/// <param name="HostName">Null when nobody asked for it.</param>
/// <param name="HoldsValues">Whether values of the environment may be in the image, which then stays in memory.</param>
internal sealed record LoadFacts(
    IReadOnlyList<LeadingRequest> Requests,
    LeadingRequest? Next,
    IReadOnlyDictionary<string, string?> Variables,
    string? Names,
    string? HostName,
    bool HoldsValues)
{
    public static string HashOfNames(IReadOnlyDictionary<string, string> environment) => HashOf(string.Join('\n', environment.Keys.Order(StringComparer.Ordinal)));

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether a program that begins with these packages can begin from here.</summary>
    public bool Fit(IReadOnlyList<LeadingRequest> requests) =>
        Requests.Count <= requests.Count
        && Requests.SequenceEqual(requests.Take(Requests.Count))
        && Next == requests.ElementAtOrDefault(Requests.Count);

    /// <summary>Whether an instance of this environment and name would have been answered the same; its files are another question.</summary>
    public bool AreTrueOf(IReadOnlyDictionary<string, string> environment, string hostName) =>
        (HostName is null || HostName == hostName)
        && (Names is null || Names == HashOfNames(environment))
        && Variables.All(variable => variable.Value == (environment.TryGetValue(variable.Key, out var value) ? HashOf(value) : null));
}
