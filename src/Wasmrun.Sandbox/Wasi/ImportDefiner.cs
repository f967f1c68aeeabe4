using Wasmtime;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// Defines one imported function, in every shape that host functions have: numbers are unsigned here and signed in the
/// engine's types, and an address outside the memory ends the call with EFAULT. Typed delegates are the engine's one way in
/// that allocates nothing per call.
/// </summary>
/// <param name="import">What the guest's module wants, with the type it wants it in.</param>
internal readonly struct ImportDefiner(Linker linker, FunctionImport import)
{
    public string Name => import.Name;

    /// <summary>How many parameters the guest's module expects the function to have.</summary>
    public int ParameterCount => import.Parameters.Count;

    /// <summary>Defines a function that answers nothing, because it never returns.</summary>
    public bool AddEnding(Action<uint> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a) => function((uint)a));
        return true;
    }

    public bool Add(Func<WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, () =>
        {
            try
            {
                return (int)function();
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a) =>
        {
            try
            {
                return (int)function((uint)a);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, int b) =>
        {
            try
            {
                return (int)function((uint)a, (uint)b);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, uint, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, int b, int c) =>
        {
            try
            {
                return (int)function((uint)a, (uint)b, (uint)c);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, uint, uint, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, int b, int c, int d) =>
        {
            try
            {
                return (int)function((uint)a, (uint)b, (uint)c, (uint)d);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, uint, uint, uint, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, int b, int c, int d, int e) =>
        {
            try
            {
                return (int)function((uint)a, (uint)b, (uint)c, (uint)d, (uint)e);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, uint, uint, uint, uint, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, int b, int c, int d, int e, int f) =>
        {
            try
            {
                return (int)function((uint)a, (uint)b, (uint)c, (uint)d, (uint)e, (uint)f);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, uint, uint, uint, uint, uint, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, int b, int c, int d, int e, int f, int g) =>
        {
            try
            {
                return (int)function((uint)a, (uint)b, (uint)c, (uint)d, (uint)e, (uint)f, (uint)g);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, uint, uint, uint, uint, uint, uint, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, int b, int c, int d, int e, int f, int g, int h) =>
        {
            try
            {
                return (int)function((uint)a, (uint)b, (uint)c, (uint)d, (uint)e, (uint)f, (uint)g, (uint)h);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, ulong, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, long b) =>
        {
            try
            {
                return (int)function((uint)a, (ulong)b);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, ulong, ulong, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, long b, long c) =>
        {
            try
            {
                return (int)function((uint)a, (ulong)b, (ulong)c);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, ulong, ulong, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, long b, long c, int d) =>
        {
            try
            {
                return (int)function((uint)a, (ulong)b, (ulong)c, (uint)d);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, ulong, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, long b, int c) =>
        {
            try
            {
                return (int)function((uint)a, (ulong)b, (uint)c);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, ulong, uint, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, long b, int c, int d) =>
        {
            try
            {
                return (int)function((uint)a, (ulong)b, (uint)c, (uint)d);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, uint, uint, ulong, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, int b, int c, long d, int e) =>
        {
            try
            {
                return (int)function((uint)a, (uint)b, (uint)c, (ulong)d, (uint)e);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, uint, uint, uint, ulong, ulong, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, int b, int c, int d, long e, long f, int g) =>
        {
            try
            {
                return (int)function((uint)a, (uint)b, (uint)c, (uint)d, (ulong)e, (ulong)f, (uint)g);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }

    public bool Add(Func<uint, uint, uint, uint, uint, ulong, ulong, uint, uint, WasiErrno> function)
    {
        linker.DefineFunction(import.ModuleName, import.Name, (int a, int b, int c, int d, int e, long f, long g, int h, int i) =>
        {
            try
            {
                return (int)function((uint)a, (uint)b, (uint)c, (uint)d, (uint)e, (ulong)f, (ulong)g, (uint)h, (uint)i);
            }
            catch (GuestFaultException)
            {
                return (int)WasiErrno.EFAULT;
            }
        });
        return true;
    }
}
