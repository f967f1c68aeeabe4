namespace Wasmrun.Runtimes.Node.Host;

/// <summary>The bytes that were there the last time: clients send the same lines again and again, and who is told knows them.</summary>
internal sealed class LastText
{
    private byte[] _bytes = [];
    private int _length = -1;

    /// <summary>Whether these are they; they are from now on.</summary>
    public bool Is(ReadOnlySpan<byte> bytes)
    {
        if (_length >= 0 && bytes.SequenceEqual(_bytes.AsSpan(0, _length)))
        {
            return true;
        }

        if (_bytes.Length < bytes.Length)
        {
            _bytes = new byte[bytes.Length];
        }

        bytes.CopyTo(_bytes);
        _length = bytes.Length;
        return false;
    }
}
