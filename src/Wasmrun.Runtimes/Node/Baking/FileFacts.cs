using System.Text.Json;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>What was found at the paths that the loading of packages has looked at: hundreds, which are read only when something has changed.</summary>
internal sealed class FileFacts
{
    private readonly Lazy<Dictionary<string, FileFact>?> _all;

    public FileFacts(Dictionary<string, FileFact> all)
    {
        _all = new(all);
        Text = JsonSerializer.SerializeToUtf8Bytes(all, NodeJson.Default.DictionaryStringFileFact);
    }

    /// <summary>The facts that were kept.</summary>
    /// <param name="text">As <see cref="Text"/> gave them.</param>
    public FileFacts(byte[] text)
    {
        Text = text;
        _all = new(() => Parse(text));
    }

    /// <summary>How they are kept in a file.</summary>
    public byte[] Text { get; }

    /// <summary>What was found where; null when it cannot be understood.</summary>
    public IReadOnlyDictionary<string, FileFact>? All => _all.Value;

    /// <summary>Equal for equal facts.</summary>
    public string Checksum
    {
        get
        {
            var sum = new Checksum();
            sum.Add(Text);
            return sum.ToString();
        }
    }

    /// <summary>Whether all is still as it was found.</summary>
    public bool AreTrue(GuestFiles files) => All?.All(file => file.Value.IsTrue(files, file.Key)) == true;

    private static Dictionary<string, FileFact>? Parse(byte[] text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, NodeJson.Default.DictionaryStringFileFact);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
