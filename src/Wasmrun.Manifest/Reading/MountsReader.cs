using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads what a service mounts: <c>volumes</c> in the short and the long form, <c>tmpfs</c>, <c>secrets</c> and <c>configs</c>.</summary>
internal sealed class MountsReader(ReadContext context, DeclaredNames declared)
{
    /// <summary>One piece, as a <c>tmpfs</c> counts.</summary>
    private const long LowestSize = 4096;

    private static readonly Dictionary<string, bool> _modes = new(StringComparer.Ordinal) { ["ro"] = true, ["rw"] = false };

    private static readonly Dictionary<string, MountKind> _kinds = new(StringComparer.Ordinal)
    {
        ["bind"] = MountKind.Bind,
        ["volume"] = MountKind.Volume,
        ["tmpfs"] = MountKind.Tmpfs,
    };

    private enum MountKind
    {
        Bind,
        Volume,
        Tmpfs,
    }

    private DiagnosticBag Diagnostics => context.Diagnostics;

    /// <summary>Reads and checks all of them.</summary>
    /// <param name="mustExist">False for a service that no active profile includes: what it is granted may not be there yet.</param>
    public IReadOnlyList<MountSpec> Read(MappingReader service, bool mustExist)
    {
        var mounts = context.Values.List(service.Find("volumes"), "'volumes'").Select(ReadVolume).OfType<MountSpec>().ToList();
        foreach (var (text, node) in context.Values.DistinctTexts(context.Values.OneOrMany(service.Find("tmpfs"), "'tmpfs'"), "'tmpfs'"))
        {
            if (ReadTemporary(text, node) is { } temporary)
            {
                mounts.Add(temporary);
            }
        }

        mounts.AddRange(ReadGrants(service, "secrets", declared.Secrets, mustExist));
        mounts.AddRange(ReadGrants(service, "configs", declared.Configs, mustExist));
        ReportSharedTargets(mounts);
        return mounts;
    }

    private IEnumerable<MountSpec> ReadGrants(MappingReader service, string key, DeclaredGrants grants, bool mustExist)
    {
        foreach (var item in context.Values.List(service.Find(key), $"'{key}'"))
        {
            var reader = item is MappingNode ? MappingReader.Open(item, $"an entry of '{key}'", ManifestKeys.Grant, context.Values) : null;
            var name = reader is null ? context.Values.Text(item, $"an entry of '{key}'") : reader.RequiredText("source");
            if (name is not null
                && grants.Find(name, reader?.Find("source") ?? item, mustExist) is { } source
                && Target(grants.Target(name, reader?.Text("target")), reader?.Find("target") ?? item) is { } target)
            {
                yield return new MountSpec.Granted(grants.Kind, name, source, target, item.Location);
            }
        }
    }

    /// <summary>An entry of <c>tmpfs</c>: a target, and perhaps how much it may hold.</summary>
    private MountSpec.Temporary? ReadTemporary(string text, SourceNode item)
    {
        var (written, options) = MountParser.SplitTemporary(text);
        long? size = null;
        foreach (var option in options)
        {
            if (!option.StartsWith(MountParser.SizeOption, StringComparison.Ordinal))
            {
                Diagnostics.Report(
                    ManifestDiagnostics.UnknownValue,
                    item.Location,
                    $"'{option}' is not an option of the tmpfs '{written}'; there is one, its size: write {written}:{MountParser.SizeOption}64M");
                return null;
            }

            if (context.Values.ByteSize(option[MountParser.SizeOption.Length..], item, "'size'", LowestSize) is not { } bytes)
            {
                return null;
            }

            size = bytes;
        }

        return Target(written, item) is { } target ? new MountSpec.Temporary(target, item.Location, size) : null;
    }

    private MountSpec? ReadVolume(SourceNode item) => item is MappingNode ? ReadLong(item) : ReadShort(item);

    private MountSpec? ReadShort(SourceNode item)
    {
        if (context.Values.Text(item, "an entry of 'volumes'") is not { } text)
        {
            return null;
        }

        if (MountParser.Split(text) is not var (source, written, mode))
        {
            var remedy = text.StartsWith('/') && !text.Contains(':', StringComparison.Ordinal)
                ? $"a mount needs a source: declare a volume and write 'NAME:{text}', or list '{text}' in tmpfs"
                : MountParser.Notation;
            Diagnostics.Report(ManifestDiagnostics.BadMount, item.Location, $"cannot read the mount '{text}'; {remedy}");
            return null;
        }

        var readOnly = false;
        if (mode is not null && !_modes.TryGetValue(mode, out readOnly))
        {
            var hint = Diagnostics.DidYouMean(mode, _modes.Keys);
            Diagnostics.Report(
                ManifestDiagnostics.UnknownValue,
                item.Location,
                $"'{mode}' is not a mode of the mount '{text}'; it is one of ro, rw{hint}");
        }

        return Target(written, item) is { } target
            ? MountParser.IsPath(source) ? Bind(source, target, readOnly, item) : Named(source, target, readOnly, item)
            : null;
    }

    private MountSpec? ReadLong(SourceNode item)
    {
        if (MappingReader.Open(item, "a mount", ManifestKeys.Mount, context.Values) is not { } reader)
        {
            return null;
        }

        var target = reader.RequiredText("target") is { } path ? Target(path, reader.Find("target")!) : null;
        if (reader.Find("type") is null)
        {
            Diagnostics.Report(ManifestDiagnostics.MissingKey, item.Location, "a mount needs 'type'; add bind, volume or tmpfs");
        }

        var kind = reader.Choice("type", _kinds);
        var readOnly = reader.Flag("read_only") ?? false;
        var size = reader.Mapping("tmpfs", ManifestKeys.Temporary)?.Find("size") is { } written ? context.Values.ByteSize(written, "'size'", LowestSize) : null;
        if (kind == MountKind.Tmpfs)
        {
            return target is null ? null : new MountSpec.Temporary(target, item.Location, size);
        }

        if (kind is not null && reader.Find("tmpfs") is { } misplaced)
        {
            Diagnostics.Report(ManifestDiagnostics.BadMount, misplaced.Location, "'tmpfs' is for a mount with 'type: tmpfs'; remove it, or change the type");
        }

        var source = kind is null ? null : reader.RequiredText("source");
        return (kind, source, target) switch
        {
            (MountKind.Bind, { } folder, { } place) => Bind(folder, place, readOnly, reader.Find("source")!),
            (MountKind.Volume, { } name, { } place) => Named(name, place, readOnly, reader.Find("source")!),
            _ => null,
        };
    }

    private MountSpec.Bind Bind(string source, string target, bool readOnly, SourceNode place) =>
        new(HostPath.Resolve(source, place.Document.BaseDirectory, context.Scope), target, readOnly, place.Location);

    private MountSpec.Named? Named(string volume, string target, bool readOnly, SourceNode place)
    {
        if (declared.Volumes.Contains(volume))
        {
            return new MountSpec.Named(volume, target, readOnly, place.Location);
        }

        if (!NameRules.IsValid(volume))
        {
            Diagnostics.Report(
                ManifestDiagnostics.BadMount,
                place.Location,
                $"'{volume}' is neither a path nor the name of a volume; for a folder write './{volume}'");
            return null;
        }

        var hint = Diagnostics.DidYouMean(volume, declared.Volumes);
        var remedy = hint.Length > 0 ? hint : $"; add it at the top level under 'volumes', or write './{volume}' for a folder";
        Diagnostics.Report(ManifestDiagnostics.UnknownVolume, place.Location, $"the volume '{volume}' is not declared{remedy}");
        return null;
    }

    private string? Target(string written, SourceNode place)
    {
        if (!GuestPath.TryNormalize(written, out var target))
        {
            Diagnostics.Report(
                ManifestDiagnostics.BadMountTarget,
                place.Location,
                $"the mount target '{written}' is not an absolute path without '..'; write one such as /data");
            return null;
        }

        if (GuestPath.ReservedFolder(target) is { } folder)
        {
            Diagnostics.Report(
                ManifestDiagnostics.ReservedMountTarget,
                place.Location,
                $"the mount target '{written}' lies in {folder}, which belongs to the runner; choose another folder");
            return null;
        }

        return target;
    }

    private void ReportSharedTargets(IReadOnlyList<MountSpec> mounts)
    {
        var first = new Dictionary<string, MountSpec>(StringComparer.Ordinal);
        foreach (var mount in mounts)
        {
            if (!first.TryAdd(mount.Target, mount))
            {
                Diagnostics.Report(
                    ManifestDiagnostics.MountTargetTwice,
                    mount.Location,
                    $"something is already mounted at '{mount.Target}' ({first[mount.Target].Location}); choose another target");
            }
        }
    }
}
