using System.Security.Cryptography;
using System.Text;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>
/// The engine with the core modules loaded, before anything of a project or of an instance is known to it: the same for all of them. The first
/// instance that boots leaves it behind for all others, in this process and later ones.
/// </summary>
/// <param name="dependencies">Everything that decides how the engine looks after its boot.</param>
internal sealed class BootImage(RuntimeOptions options, params string[] dependencies)
{
    private readonly Lock _gate = new();
    private readonly string _path = Path.Combine(options.ImageFolder, $"{KeyOf(dependencies)}.boot");
    private EngineImage? _image;
    private bool _wasLookedFor;

    /// <summary>The image, null when nobody has left one yet.</summary>
    public EngineImage? Find()
    {
        lock (_gate)
        {
            if (!_wasLookedFor)
            {
                _wasLookedFor = true;
                _image = ImageFile.Read(_path, options.Time);
            }

            return _image;
        }
    }

    public void Keep(EngineImage image)
    {
        lock (_gate)
        {
            if (_image is null)
            {
                _image = image;
                ImageFile.Write(_path, image);
            }
        }
    }

    /// <summary>This version of the program counts too, with its core modules and host functions.</summary>
    private static string KeyOf(string[] dependencies) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [typeof(BootImage).Module.ModuleVersionId.ToString(), .. dependencies]))));
}
