using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>What is left of a path that is walked name by name. A link's target is put in front of it, and judged on the way.</summary>
/// <param name="text">Space of <see cref="Size"/>, at whose end the path is kept; it must not move.</param>
internal unsafe ref struct PathText(Span<byte> text)
{
    /// <summary>Room for a path, and for the targets of links put in front of it.</summary>
    public const int Size = 2 * (GuestPath.MaxLength + 1);

    /// <summary>How many links one path may meet, as in the kernel.</summary>
    private const int MaxLinks = 40;

    private const byte Separator = (byte)'/';

    private readonly Span<byte> _text = text;
    private int _links;
    private int _next;

    /// <summary>What is left, the separators at its beginning included.</summary>
    public readonly ReadOnlySpan<byte> Rest => _text[_next..^1];

    public bool TryBegin(ReadOnlySpan<byte> path)
    {
        _text[^1] = 0;
        _next = _text.Length - 1 - path.Length;
        if (_next < 0)
        {
            return false;
        }

        path.CopyTo(_text[_next..]);
        return true;
    }

    /// <summary>Goes on behind names that were looked at in <see cref="Rest"/>.</summary>
    /// <param name="rest">The end of it.</param>
    public void GoOn(ReadOnlySpan<byte> rest) => _next = _text.Length - 1 - rest.Length;

    /// <summary>The name just taken, with the separator that was behind it.</summary>
    public readonly ReadOnlySpan<byte> WithSeparator(ReadOnlySpan<byte> name)
    {
        _text[_next - 1] = Separator;
        return _text[(_next - 1 - name.Length).._next];
    }

    /// <summary>Takes the next name off the path; it is followed by a NUL.</summary>
    public bool TakeName(out ReadOnlySpan<byte> name, out bool isLast, out bool hasSeparator)
    {
        var rest = _text[_next..^1];
        var begin = rest.IndexOfAnyExcept(Separator);
        if (begin < 0)
        {
            name = default;
            isLast = true;
            hasSeparator = false;
            return false;
        }

        rest = rest[begin..];
        var length = rest.IndexOf(Separator);
        hasSeparator = length >= 0;
        length = hasSeparator ? length : rest.Length;
        name = rest[..length];
        isLast = rest[length..].IndexOfAnyExcept(Separator) < 0;
        _next += begin + length;
        if (hasSeparator)
        {
            _text[_next++] = 0;
        }

        return true;
    }

    /// <summary>Puts a link's target in front of what is left to walk.</summary>
    /// <param name="enters">A separator was behind the name, and stays.</param>
    /// <param name="otherwise">What to answer when it is no link after all.</param>
    public Errno FollowLink(int folder, ReadOnlySpan<byte> name, bool enters, Errno otherwise)
    {
        Span<byte> target = stackalloc byte[GuestPath.MaxLength + 1];
        nint length;
        Errno error;
        fixed (byte* path = name, space = target)
        {
            length = Libc.ReadLink(folder, path, space, (nuint)target.Length);
            error = length < 0 ? Libc.LastError : Errno.None;
        }

        if (error != Errno.None)
        {
            return error == Errno.EINVAL ? otherwise : error;
        }

        target = target[..(int)length];
        if (++_links > MaxLinks)
        {
            return Errno.ELOOP;
        }

        if (target is [Separator, ..])
        {
            return Errno.EPERM;
        }

        if (enters)
        {
            _text[--_next] = Separator;
        }

        if (target.Length > _next)
        {
            return Errno.ENAMETOOLONG;
        }

        _next -= target.Length;
        target.CopyTo(_text[_next..]);
        return Errno.None;
    }
}
