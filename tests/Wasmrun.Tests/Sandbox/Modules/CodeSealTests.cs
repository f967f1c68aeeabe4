using CsCheck;
using Wasmrun.Sandbox.Modules;

namespace Wasmrun.Tests.Sandbox.Modules;

/// <summary>Only what was sealed with this secret, under this key and to the last byte, passes.</summary>
public sealed class CodeSealTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, CodeSeal.KeyBytes).Select(i => (byte)i)];
    private readonly CodeSeal _seal = new([.. Enumerable.Repeat((byte)7, CodeSeal.SecretBytes)]);

    [Fact]
    public void Accepts_WhatItSealed() =>
        Gen.Byte.Array[0, 500].Sample(code => _seal.Verify(Key, _seal.Seal(Key, code)) && _seal.Seal(Key, code).AsSpan().StartsWith(code));

    [Fact]
    public void Refuses_EveryFlippedBit()
    {
        var entry = _seal.Seal(Key, "native code"u8);
        for (var bit = 0; bit < entry.Length * 8; bit++)
        {
            entry[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(_seal.Verify(Key, entry), $"bit {bit}");
            entry[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(_seal.Verify(Key, entry));
    }

    [Fact]
    public void Refuses_EveryOtherLength()
    {
        var entry = _seal.Seal(Key, "native code"u8);
        for (var length = 0; length < entry.Length; length++)
        {
            Assert.False(_seal.Verify(Key, entry.AsSpan(0, length)));
        }

        Assert.False(_seal.Verify(Key, [.. entry, 0]));
    }

    [Fact]
    public void Refuses_AnotherKeyAndAnotherSecret()
    {
        var entry = _seal.Seal(Key, "native code"u8);

        Assert.False(_seal.Verify([.. Key.Reverse()], entry));
        Assert.False(new CodeSeal(new byte[CodeSeal.SecretBytes]).Verify(Key, entry));
    }

    [Fact]
    public void Never_UsesANonceTwice() =>
        Assert.NotEqual(_seal.Seal(Key, "native code"u8), _seal.Seal(Key, "native code"u8));
}
