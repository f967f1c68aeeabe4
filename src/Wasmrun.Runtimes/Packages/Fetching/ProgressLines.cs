using System.Globalization;

namespace Wasmrun.Runtimes.Packages.Fetching;

/// <summary>Tells the progress of fetching in lines: one at the beginning, and one now and then while it takes long.</summary>
internal sealed class ProgressLines(Action<string> tell, TimeProvider time)
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(3);
    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);

    /// <summary>May be called by several threads.</summary>
    public void Report(FetchProgress progress)
    {
        lock (_told)
        {
            var isNew = !_told.TryGetValue(progress.Package, out var last);
            if (isNew || time.GetElapsedTime(last) >= _pause)
            {
                _told[progress.Package] = time.GetTimestamp();
                tell(isNew
                    ? string.Create(CultureInfo.InvariantCulture, $"fetching {progress.Package} from {progress.Host}{Size(progress.Total)}")
                    : string.Create(CultureInfo.InvariantCulture, $"fetching {progress.Package}: {progress.Received / 1e6:0.0} MB{Share(progress)}"));
            }
        }
    }

    private static string Size(long? bytes) => bytes is { } total ? string.Create(CultureInfo.InvariantCulture, $" ({total / 1e6:0.0} MB)") : string.Empty;

    private static string Share(FetchProgress progress) =>
        progress.Total is { } total and > 0 ? string.Create(CultureInfo.InvariantCulture, $" of {total / 1e6:0.0} MB") : string.Empty;
}
