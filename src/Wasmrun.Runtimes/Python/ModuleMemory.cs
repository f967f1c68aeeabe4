using Wasmrun.Runtimes.Modules;
using static Wasmrun.Runtimes.Modules.Opcode;

namespace Wasmrun.Runtimes.Python;

/// <summary>
/// The memory that instances of a module begin with, put together from the module's data. The interpreter's own files lie in it.
/// Only what compilers write is understood: active segments at constant addresses.
/// </summary>
internal static class ModuleMemory
{
    private const byte DataSection = 11;
    private const int HeaderBytes = 8;
    private const long MaxBytes = 256L << 20;

    /// <summary>From address 0 to the end of what the module puts there.</summary>
    /// <exception cref="InvalidDataException">The module is of a kind that is not understood.</exception>
    public static byte[] Read(ReadOnlySpan<byte> module)
    {
        var memory = Array.Empty<byte>();
        var at = HeaderBytes;
        while (at < module.Length)
        {
            var section = module[at++];
            var size = (int)WasmNumber.Read(module, ref at);
            if (section == DataSection)
            {
                memory = ReadSegments(module.Slice(at, size));
            }

            at += size;
        }

        return memory;
    }

    private static byte[] ReadSegments(ReadOnlySpan<byte> section)
    {
        var segments = new List<(int Address, Range Bytes)>();
        var at = 0;
        var count = WasmNumber.Read(section, ref at);
        var end = 0L;
        for (var i = 0u; i < count; i++)
        {
            if (WasmNumber.Read(section, ref at) != 0 || section[at++] != Int32Constant)
            {
                throw new InvalidDataException("the module has data at places that are not fixed");
            }

            var address = WasmNumber.ReadSigned(section, ref at);
            if (section[at++] != End || address < 0)
            {
                throw new InvalidDataException("the module has data at places that are not fixed");
            }

            var size = (int)WasmNumber.Read(section, ref at);
            segments.Add((address, at..(at + size)));
            end = Math.Max(end, (long)address + size);
            at += size;
        }

        if (end > MaxBytes)
        {
            throw new InvalidDataException("the module's data is too large");
        }

        var memory = new byte[end];
        foreach (var (address, bytes) in segments)
        {
            section[bytes].CopyTo(memory.AsSpan(address));
        }

        return memory;
    }
}
