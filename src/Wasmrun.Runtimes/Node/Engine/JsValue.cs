namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>
/// A value of the JavaScript engine as its functions pass it: 64 bits that hold a tag and a small payload, or a double moved
/// out of the tags' way. Objects and strings are counted references, and whoever gets one has to free it.
/// </summary>
internal readonly record struct JsValue(long Bits)
{
    private const ulong DoubleOffset = 0x7ff8000AUL << 32;
    private const ulong NotANumber = 0x7ff8000000000000;
    private const int FirstTag = -9;
    private const int LastTag = 8;
    private const int ObjectTag = -1;
    private const int StringTag = -7;
    private const int RopeTag = -6;
    private const int IntTag = 0;
    private const int BoolTag = 1;
    private const int NullTag = 2;
    private const int UndefinedTag = 3;
    private const int ExceptionTag = 6;

    public static JsValue Undefined => new((long)UndefinedTag << 32);

    public static JsValue Null => new((long)NullTag << 32);

    public static JsValue Exception => new((long)ExceptionTag << 32);

    public bool IsException => Tag == ExceptionTag;

    public bool IsUndefined => Tag == UndefinedTag;

    public bool IsNullish => Tag is UndefinedTag or NullTag;

    public bool IsObject => Tag == ObjectTag;

    public bool IsString => Tag is StringTag or RopeTag;

    /// <summary>Whether it is a string in one piece.</summary>
    public bool IsWhole => Tag == StringTag;

    /// <summary>Whether it is a string that was put together of two, and may not be one piece yet.</summary>
    public bool IsRope => Tag == RopeTag;

    /// <summary>Whether it is a whole number that the engine keeps as one.</summary>
    public bool IsInt => Tag == IntTag;

    /// <summary>Whether it is a counted reference.</summary>
    public bool IsCounted => Tag is >= FirstTag and < 0;

    private int Tag => (int)(Bits >> 32);

    /// <summary>The object at an address; it belongs to who holds it there.</summary>
    public static JsValue Object(uint address) => new(((long)ObjectTag << 32) | address);

    public static JsValue From(int value) => new((uint)value);

    public static JsValue From(bool value) => new(((long)BoolTag << 32) | (value ? 1L : 0));

    public static JsValue From(double value)
    {
        var whole = (int)value;
        if (whole == value && !(whole == 0 && double.IsNegative(value)))
        {
            return From(whole);
        }

        var bits = double.IsNaN(value) ? NotANumber : BitConverter.DoubleToUInt64Bits(value);
        return new((long)(bits - DoubleOffset));
    }

    /// <summary>A number or boolean as a double; anything else is 0.</summary>
    public double ToDouble() => Tag switch
    {
        IntTag or BoolTag => (int)Bits,
        >= FirstTag and < LastTag => 0,
        _ => BitConverter.UInt64BitsToDouble((ulong)Bits + DoubleOffset),
    };

    public int ToInt32() => (int)ToDouble();
}
