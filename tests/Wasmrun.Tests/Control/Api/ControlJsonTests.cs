using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Wasmrun.Cli.Rendering;
using Wasmrun.Control.Api;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Tests.Control.Api;

public sealed class ControlJsonTests
{
    /// <summary>A number would change its meaning with every value that is added.</summary>
    [Fact]
    public void EveryEnumThatTravels_IsWrittenAsAWord()
    {
        var contracts = typeof(ControlJsonContext).GetProperties()
            .Select(property => property.PropertyType)
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(JsonTypeInfo<>))
            .Select(type => type.GetGenericArguments()[0])
            .Where(type => type.IsEnum && type.Namespace!.StartsWith(nameof(Wasmrun), StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(contracts);
        Assert.All(contracts, type => Assert.StartsWith("\"", JsonSerializer.Serialize(Enum.GetValues(type).GetValue(0), ControlJson.For(type)), StringComparison.Ordinal));
    }

    [Fact]
    public void KindOfAnEvent_IsWrittenAsEventsJsonWritesIt()
    {
        foreach (var kind in Enum.GetValues<StackEventKind>())
        {
            var happened = new StackEvent(1, default, "shop", "web", "web-1", 1, kind, "why", new Dictionary<string, string>(StringComparer.Ordinal));
            var written = JsonSerializer.SerializeToElement(happened, ControlJson.For<StackEvent>()).GetProperty("kind").GetString();
            Assert.Equal(EventRow.Of(happened).Kind, written);
        }
    }
}
