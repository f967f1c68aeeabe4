namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>A host function that JavaScript can call.</summary>
internal delegate JsValue HostFunction(in HostCall call);

/// <summary>One call of a host function: its arguments, read out of the guest's memory when they are asked for.</summary>
internal readonly ref struct HostCall(QuickJs engine, int count, uint arguments)
{
    public QuickJs Engine => engine;

    public int Count => count;

    /// <summary>An argument, undefined when it was not given. It belongs to the caller.</summary>
    public JsValue this[int index] => index < count ? new(engine.Read<long>(arguments + ((uint)index * sizeof(long)))) : JsValue.Undefined;

    public int Int(int index) => this[index].ToInt32();

    public double Number(int index) => this[index].ToDouble();

    public bool Flag(int index) => this[index].ToDouble() != 0;

    public string Text(int index) => engine.ToText(this[index]);

    /// <summary>The bytes of a typed array, in the guest's memory: valid until JavaScript runs again.</summary>
    public Span<byte> Bytes(int index) => engine.BytesOf(this[index]);
}
