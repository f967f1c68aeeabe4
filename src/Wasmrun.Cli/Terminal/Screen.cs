using System.Text;

namespace Wasmrun.Cli.Terminal;

/// <summary>
/// The two standard streams side by side: results and the guests' output on the first, what the runner itself has to say on the
/// second. Each line goes out whole and whole lines never mix, also where both streams are the same terminal.
/// </summary>
internal sealed class Screen
{
    /// <summary>How much is written at a time, so that a slow reader is seen to read: a page, which is what a pipe takes when it has room.</summary>
    private const int PieceSize = 4096;

    private readonly IOutput _output;
    private readonly IOutput _error;
    private readonly Lock _outputGate = new();
    private readonly Lock _errorGate;
    private readonly TimeProvider _time;
    private long _outputTaken;
    private long _errorTaken;
    private volatile bool _hasLostMessages;

    internal Screen(IOutput output, IOutput error, AnsiMode mode, IReadOnlyDictionary<string, string> environment, TimeProvider time)
    {
        _output = output;
        _error = error;
        _time = time;
        (_outputTaken, _errorTaken) = (time.GetTimestamp(), time.GetTimestamp());

        // One gate for one target keeps lines whole; two gates for two keep a stopped pager from silencing the runner.
        _errorGate = output.Target is null || string.Equals(output.Target, error.Target, StringComparison.Ordinal) ? _outputGate : new Lock();
        OutputColors = new Palette(HasColors(output, mode, environment));
        ErrorColors = new Palette(HasColors(error, mode, environment));
    }

    internal Palette OutputColors { get; }

    internal Palette ErrorColors { get; }

    internal bool OutputIsTerminal => _output.IsTerminal;

    internal bool ErrorIsTerminal => _error.IsTerminal;

    /// <summary>When the reader of the first stream last took something, on the clock's high-frequency timestamp; at first, when it was opened.</summary>
    internal long OutputTaken => Volatile.Read(ref _outputTaken);

    /// <summary>The same of the second stream.</summary>
    internal long ErrorTaken => Volatile.Read(ref _errorTaken);

    /// <summary>Whether something that was told could not be written, as on a full disk. That nobody reads is no loss.</summary>
    internal bool HasLostMessages => _hasLostMessages;

    /// <summary>A line of the result.</summary>
    internal void WriteLine(string line) => WriteOutput(Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>A line from the runner to the user. That it cannot be written keeps nobody from what is to be done, nor from telling how that ended.</summary>
    internal void Tell(string line)
    {
        try
        {
            Announce(line);
        }
        catch (OutputClosedException)
        {
            // Nobody wants to know.
        }
        catch (OutputFailedException)
        {
            _hasLostMessages = true;
        }
    }

    /// <summary>The same for who runs for a reader alone, and ends with it.</summary>
    /// <exception cref="OutputClosedException">Nobody reads any more.</exception>
    /// <exception cref="OutputFailedException">It cannot be written.</exception>
    internal void Announce(string line) => WriteError(Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>Makes room for a result that takes the place of the last one; only for a terminal.</summary>
    internal void ClearOutput() => WriteOutput("\u001b[H\u001b[2J"u8);

    /// <summary>Bytes of the result as they are.</summary>
    internal void WriteOutput(ReadOnlySpan<byte> bytes)
    {
        lock (_outputGate)
        {
            Write(_output, bytes, ref _outputTaken);
        }
    }

    /// <summary>Bytes for the second stream as they are.</summary>
    internal void WriteError(ReadOnlySpan<byte> bytes)
    {
        lock (_errorGate)
        {
            Write(_error, bytes, ref _errorTaken);
        }
    }

    private void Write(IOutput to, ReadOnlySpan<byte> bytes, ref long taken)
    {
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, PieceSize)];
            to.Write(piece);
            Volatile.Write(ref taken, _time.GetTimestamp());
            bytes = bytes[piece.Length..];
        }
    }

    private static bool HasColors(IOutput output, AnsiMode mode, IReadOnlyDictionary<string, string> environment) => mode switch
    {
        AnsiMode.Always => true,
        AnsiMode.Never => false,
        _ => output.IsTerminal &&
            environment.GetValueOrDefault("NO_COLOR") is null or "" &&
            environment.GetValueOrDefault("TERM") is not "dumb",
    };
}
