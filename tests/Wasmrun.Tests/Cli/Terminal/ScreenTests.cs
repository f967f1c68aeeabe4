using Wasmrun.Cli.Terminal;
using Wasmrun.Tests.Cli.Fakes;

namespace Wasmrun.Tests.Cli.Terminal;

public sealed class ScreenTests
{
    [Theory]
    [InlineData(AnsiMode.Auto, true, "", "xterm", true)]
    [InlineData(AnsiMode.Auto, false, "", "xterm", false)]
    [InlineData(AnsiMode.Auto, true, "1", "xterm", false)]
    [InlineData(AnsiMode.Auto, true, "", "dumb", false)]
    [InlineData(AnsiMode.Never, true, "", "xterm", false)]
    [InlineData(AnsiMode.Always, false, "1", "dumb", true)]
    public void Colours_FollowFlagTerminalAndVariables(object mode, bool terminal, string noColor, string term, bool colours)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["NO_COLOR"] = noColor, ["TERM"] = term };
        var screen = new Screen(new MemoryOutput(terminal), new MemoryOutput(terminal), (AnsiMode)mode, variables, TimeProvider.System);
        Assert.Equal(colours, screen.OutputColors.Enabled);
        Assert.Equal(colours, screen.ErrorColors.Enabled);
    }

    [Fact]
    public async Task StoppedOutput_DoesNotSilenceTheRunner()
    {
        var (output, error) = (new MemoryOutput(), new MemoryOutput());
        var screen = new Screen(output, error, AnsiMode.Auto, new Dictionary<string, string>(StringComparer.Ordinal), TimeProvider.System);
        output.Pause();
        var blocked = Task.Run(() => screen.WriteLine("guest"), TestContext.Current.CancellationToken);
        screen.Tell("runner");
        Assert.Equal("runner\n", error.Text);
        output.Resume();
        await blocked;
        Assert.Equal("guest\n", output.Text);
    }
}
