namespace Wasmrun.Runtimes.Modules;

/// <summary>Those instructions of WebAssembly, by their first byte, that are looked for or written here.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/instructions.html"/>
internal static class Opcode
{
    public const byte Unreachable = 0x00;
    public const byte Block = 0x02;
    public const byte Loop = 0x03;
    public const byte If = 0x04;
    public const byte End = 0x0b;
    public const byte Branch = 0x0c;
    public const byte BranchIf = 0x0d;
    public const byte BranchTable = 0x0e;
    public const byte Return = 0x0f;
    public const byte CallFunction = 0x10;
    public const byte CallIndirect = 0x11;
    public const byte Drop = 0x1a;
    public const byte LocalGet = 0x20;
    public const byte LocalSet = 0x21;
    public const byte LocalTee = 0x22;
    public const byte GlobalGet = 0x23;
    public const byte GlobalSet = 0x24;
    public const byte Int32Load = 0x28;
    public const byte Int32LoadByte = 0x2d;
    public const byte Int32Constant = 0x41;
    public const byte Int64Constant = 0x42;
    public const byte Int32Equal = 0x46;
    public const byte Int32Subtract = 0x6b;
    public const byte Int32Wrap = 0xa7;
    public const byte Int64ExtendUnsigned = 0xad;

    /// <summary>Behind <see cref="Block"/>, <see cref="Loop"/> and <see cref="If"/>: they leave nothing.</summary>
    public const byte NoResult = 0x40;
}
