using System.Text;

namespace Wasmrun.Runtimes.Node.Engine;

/// <content>
/// What is read out of the engine's memory without asking the engine: texts and arrays in their usual form. The places of the fields are those of
/// the one engine that the lock names; the tests of HTTP heads and of <c>Buffer</c> fail when another one has them elsewhere.
/// </content>
internal sealed unsafe partial class QuickJs
{
    private const uint TextBytesOffset = 24;
    private const uint TextKindOffset = 7;
    private const uint SliceStartOffset = 28;
    private const uint WideFlag = 0x80000000;
    private const int KindMask = 3;
    private const int SliceKind = 1;
    private const uint LeftOffset = 8;
    private const uint RightOffset = 16;
    private const uint FlagsOffset = 8;
    private const byte FastArrayFlag = 0x10;
    private const uint ValuesOffset = 28;
    private const uint CountOffset = 32;

    /// <summary>The bytes of a text that has nothing but ASCII, in the guest's memory: valid until JavaScript runs again.</summary>
    /// <returns>False when it is no such text, or one that the engine would first have to put together.</returns>
    public bool TryReadAscii(JsValue value, out ReadOnlySpan<byte> ascii)
    {
        ascii = default;
        if (value.IsRope)
        {
            var (left, right) = PartsOf(value);
            value = right.IsWhole && Read<uint>((uint)right.Bits) == 0 ? left : value;
        }

        if (!value.IsWhole)
        {
            return false;
        }

        var address = (uint)value.Bits;
        var length = Read<uint>(address);
        var start = address + TextBytesOffset;
        var kind = KindOf(address);
        if (kind == SliceKind)
        {
            var whole = Read<uint>(start);
            if ((Read<uint>(whole) & WideFlag) != 0 || KindOf(whole) != 0)
            {
                return false;
            }

            start = whole + TextBytesOffset + Read<uint>(address + SliceStartOffset);
        }
        else if (kind != 0)
        {
            return false;
        }

        if ((length & WideFlag) != 0)
        {
            return false;
        }

        ascii = Slice(start, length);
        return Ascii.IsValid(ascii);
    }

    /// <summary>The two strings that one was put together of; when it has become one piece, the second is empty.</summary>
    public (JsValue Left, JsValue Right) PartsOf(JsValue rope) =>
        (new(Read<long>((uint)rope.Bits + LeftOffset)), new(Read<long>((uint)rope.Bits + RightOffset)));

    /// <summary>Address of bytes that were read out of the guest's memory.</summary>
    public uint PlaceOf(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? 0 : (uint)((byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(bytes)) - _start);

    /// <summary>Where the values of an array without holes are.</summary>
    /// <returns>False when it is none.</returns>
    public bool TryReadArray(JsValue value, out uint values, out int count)
    {
        (values, count) = (0, 0);
        if (ClassOf(value) != EngineClass.Array || (Read<byte>((uint)value.Bits + FlagsOffset) & FastArrayFlag) == 0)
        {
            return false;
        }

        (values, count) = (Read<uint>((uint)value.Bits + ValuesOffset), Read<int>((uint)value.Bits + CountOffset));
        return true;
    }

    private int KindOf(uint text) => (Read<byte>(text + TextKindOffset) >> 4) & KindMask;

    /// <summary>An element of an array that was read.</summary>
    public JsValue ElementOf(uint values, int index) => new(Read<long>(values + ((uint)index * sizeof(long))));
}
