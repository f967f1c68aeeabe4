using System.Buffers.Binary;
using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Modules;

/// <summary>What a module puts into its memory when an instance of it is made.</summary>
internal sealed class InitialMemory
{
    private readonly List<(uint Address, byte[] Bytes)> _pieces = [];

    public InitialMemory(WasmSections sections)
    {
        var data = sections[WasmSections.Data];
        var (entries, at) = sections.Count(WasmSections.Data);
        for (; entries > 0; entries--)
        {
            if (data[at++] != 0 || data[at++] != Int32Constant)
            {
                throw new NotSupportedException("data of a module that is not put anywhere at its start");
            }

            var address = (uint)WasmNumber.ReadSigned(data, ref at);
            if (data[at++] != End)
            {
                throw new NotSupportedException("a place of data that is not a number");
            }

            var size = (int)WasmNumber.Read(data, ref at);
            _pieces.Add((address, data.Slice(at, size).ToArray()));
            at += size;
        }
    }

    /// <summary>The number of 32 bits at an address, null when no data is put there.</summary>
    public int? Read(uint address)
    {
        foreach (var (start, bytes) in _pieces)
        {
            if (address >= start && address + sizeof(int) <= start + bytes.Length)
            {
                return BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan((int)(address - start)));
            }
        }

        return null;
    }
}
