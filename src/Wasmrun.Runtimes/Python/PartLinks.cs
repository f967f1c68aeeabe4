using System.Text;
using Wasmrun.Runtimes.Modules;
using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Python;

/// <summary>What the near part of a split module exports for the others, and they import: memory, table, globals, and the table of those who load parts.</summary>
internal static class PartLinks
{
    private const string Module = "wasmrun";
    private const string Memory = "memory";
    private const string Addresses = "wasmrun_table";
    private const string Loaders = "wasmrun_far";
    private const string Place = "wasmrun_place";

    private const byte FunctionKind = 0;
    private const byte TableKind = 1;
    private const byte MemoryKind = 2;
    private const byte GlobalKind = 3;
    private const byte Int32 = 0x7F;

    /// <summary>The global that says which place of the table is being called.</summary>
    public static void WritePlace(Stream section) => section.Write([Int32, 1, Int32Constant, 0, End]);

    /// <summary>The import section of a part that is not the near one.</summary>
    public static byte[] Imports(WasmSections sections, byte[] table, byte[] loaders, ReadOnlySpan<string> globals)
    {
        string[] names = [.. globals, Place];
        return sections.With(WasmSections.Import, 3 + (uint)names.Length, stream =>
        {
            WriteImport(stream, Memory, MemoryKind, sections.Single(WasmSections.Memory));
            WriteImport(stream, Addresses, TableKind, table);
            WriteImport(stream, Loaders, TableKind, loaders);
            foreach (var name in names)
            {
                WriteImport(stream, name, GlobalKind, [Int32, 1]);
            }
        });
    }

    /// <summary>The export section of the near part.</summary>
    /// <param name="numberOf">What the number of a function is there.</param>
    /// <param name="place">The number of the global with the place that is called.</param>
    public static byte[] Exports(WasmSections sections, Func<uint, uint> numberOf, uint place)
    {
        var section = sections[WasmSections.Export];
        var (count, at) = sections.Count(WasmSections.Export);
        var result = new MemoryStream();
        WasmNumber.Write(result, count + 3);
        for (; count > 0; count--)
        {
            var start = at;
            var size = (int)WasmNumber.Read(section, ref at);
            var kind = section[at + size];
            at += size + 1;
            result.Write(section[start..at]);
            var number = WasmNumber.Read(section, ref at);
            WasmNumber.Write(result, kind == FunctionKind ? numberOf(number) : number);
        }

        WriteName(result, Addresses);
        result.Write([TableKind, 0]);
        WriteName(result, Loaders);
        result.Write([TableKind, 1]);
        WriteName(result, Place);
        result.WriteByte(GlobalKind);
        WasmNumber.Write(result, place);
        return result.ToArray();
    }

    private static void WriteName(Stream stream, string name)
    {
        WasmNumber.Write(stream, (uint)name.Length);
        stream.Write(Encoding.ASCII.GetBytes(name));
    }

    private static void WriteImport(Stream stream, string name, byte kind, ReadOnlySpan<byte> type)
    {
        WriteName(stream, Module);
        WriteName(stream, name);
        stream.WriteByte(kind);
        stream.Write(type);
    }
}
