namespace Wasmrun.Runtimes.Python;

/// <summary>What an instance has to know of the image that it begins with.</summary>
/// <param name="StackPointer">Where the interpreter's stack ends.</param>
/// <param name="Notes">What the image depends on.</param>
internal sealed record RestoredImage(int StackPointer, ImageNotes Notes);
