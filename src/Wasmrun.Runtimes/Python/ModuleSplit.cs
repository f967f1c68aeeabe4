using Wasmrun.Runtimes.Modules;
using Wasmrun.Sandbox;
using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// Splits a module into parts: the near one, which instances are made of, and others that are only compiled and loaded when one of their functions is called. All
/// share memory and table. A function that is called from another part than its own has a place in the table, after those of the functions that the module itself
/// addresses; until its part is there, a function of the same type stands in each of its places, which has the part loaded and then calls the place again. For that the place
/// is noted in a global before each call through the table.
/// Only what compilers write for programs is understood: one memory, one table that does not grow, functions alone imported.
/// </summary>
/// <param name="module">Without sections that only say something about it.</param>
/// <param name="plan">A letter of <see cref="Homes"/> for each function of the module itself: where it is at home; a capital one when it is called from another part too.</param>
/// <seealso cref="FarCode"/>
internal sealed class ModuleSplit(byte[] module, string plan)
{
    /// <summary>The letters of the parts, the near one first.</summary>
    public const string Homes = "nulf";

    /// <summary>The largest functions come first in their part: the last one to be compiled keeps one core busy alone.</summary>
    private const int Largest = 16;

    private const byte FunctionReference = 0x70;
    private const byte FunctionType = 0x60;
    private const byte Bounded = 1;

    private readonly WasmSections _sections = new(module);

    /// <summary>The content of a part.</summary>
    /// <param name="part">0 is the near one.</param>
    /// <param name="globals">The names under which the module exports its globals, all of them changeable whole numbers.</param>
    /// <exception cref="InvalidDataException">The plan is of another module.</exception>
    public byte[] Write(int part, params ReadOnlySpan<string> globals)
    {
        var (own, _) = part == 0 ? _sections.Count(WasmSections.Global) : ((uint)globals.Length, 0);
        var code = new PartCode(module, _sections, plan, part, own, ReadAddresses(), Largest);
        var table = TableType(code.Addresses.Length);
        var result = new MemoryStream(module.Length);
        result.Write(module.AsSpan(0, WasmSections.HeaderBytes));
        WasmSections.Write(result, WasmSections.Type, _sections.With(WasmSections.Type, 1, static stream => stream.Write([FunctionType, 0, 0])));
        WasmSections.Write(result, WasmSections.Import, part == 0 ? _sections[WasmSections.Import] : PartLinks.Imports(_sections, table, LoadersType(), globals));
        WasmSections.Write(result, WasmSections.Function, code.Types());
        if (part == 0)
        {
            WasmSections.Write(result, WasmSections.Table, [2, .. table, .. LoadersType()]);
            WasmSections.Write(result, WasmSections.Memory, _sections[WasmSections.Memory]);
            WasmSections.Write(result, WasmSections.Global, _sections.With(WasmSections.Global, 1, PartLinks.WritePlace));
            WasmSections.Write(result, WasmSections.Export, PartLinks.Exports(_sections, code.NumberOf, own));
        }

        WasmSections.Write(result, WasmSections.Element, Elements(code.Addresses));
        WasmSections.Write(result, WasmSections.Code, code.Bodies());
        if (part == 0)
        {
            WasmSections.Write(result, WasmSections.Data, _sections[WasmSections.Data]);
        }

        return result.ToArray();
    }

    private static byte[] TableType(int size)
    {
        var type = new MemoryStream();
        type.Write([FunctionReference, Bounded]);
        WasmNumber.Write(type, (uint)size);
        WasmNumber.Write(type, (uint)size);
        return type.ToArray();
    }

    private static byte[] LoadersType() => TableType(Homes.Length - 1);

    private int TableSize()
    {
        // The kind of its elements, and whether it has an end.
        var at = 2;
        return (int)WasmNumber.Read(_sections.Single(WasmSections.Table), ref at);
    }

    /// <summary>The function at each place of the table; -1 where there is none.</summary>
    private int[] ReadAddresses()
    {
        var addresses = Enumerable.Repeat(-1, TableSize()).ToArray();
        var section = _sections[WasmSections.Element];
        var (segments, at) = _sections.Count(WasmSections.Element);
        for (; segments > 0; segments--)
        {
            if (section[at++] != 0 || section[at++] != Int32Constant)
            {
                throw new InvalidDataException("the module fills its table in a way that is not known here");
            }

            var place = WasmNumber.ReadSigned(section, ref at);
            at++;
            for (var count = WasmNumber.Read(section, ref at); count > 0; count--)
            {
                addresses[place++] = (int)WasmNumber.Read(section, ref at);
            }
        }

        return addresses;
    }

    /// <summary>What this part puts into the table, in pieces without gaps.</summary>
    private static byte[] Elements(int[] addresses)
    {
        var pieces = new MemoryStream();
        var count = 0u;
        for (var start = 0; start < addresses.Length; start++)
        {
            var end = start;
            while (end < addresses.Length && addresses[end] >= 0)
            {
                end++;
            }

            if (end > start)
            {
                count++;
                pieces.Write([0, Int32Constant]);
                WasmNumber.WriteSigned(pieces, start);
                pieces.WriteByte(End);
                WasmNumber.Write(pieces, (uint)(end - start));
                foreach (var function in addresses.AsSpan(start..end))
                {
                    WasmNumber.Write(pieces, (uint)function);
                }
            }

            start = end;
        }

        var section = new MemoryStream();
        WasmNumber.Write(section, count);
        pieces.WriteTo(section);
        return section.ToArray();
    }
}
