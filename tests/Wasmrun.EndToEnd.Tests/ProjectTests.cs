using System.Globalization;
using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>Projects in Python and Node.js, run by runtimes that the program fetches itself.</summary>
public sealed class ProjectTests
{
    private const string Manifest = """
        services:
          web:
            project: ./web
            forwards: ["3000"]
            healthcheck: { http: /, start_interval: 200ms, start_period: 60s }
        """;

    private const string Python = """
        import http.server, os

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = b"FIRST from python " + self.path.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
        """;

    private const string Node = """
        const http = require('node:http');
        http.createServer((request, response) => response.end(`FIRST from node ${request.url}`)).listen(process.env.PORT);
        """;

    [Theory]
    [InlineData("app.py", "python", Python)]
    [InlineData("server.js", "node", Node)]
    public async Task Project_ServesThroughItsForward_AndIsSwappedWhenItsCodeChanges(string file, string language, string code)
    {
        await using var stack = new TestStack(Manifest);
        var source = Path.Combine(Directory.CreateDirectory(Path.Combine(stack.Folder, "web")).FullName, file);
        await File.WriteAllTextAsync(source, code, TestContext.Current.CancellationToken);

        var up = await stack.RunAsync("up", "-d", "--wait");
        Assert.SkipWhen(up.Error.Contains("cannot fetch", StringComparison.Ordinal), $"the runtime is not to be had: {up.Error}");
        Assert.True(up.ExitCode == 0, up.All);
        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));
        Assert.Equal($"FIRST from {language} /a", await client.GetStringAsync("/a"));

        await File.WriteAllTextAsync(source, code.Replace("FIRST", "SECOND", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var again = await stack.RunSuccessfullyAsync("up", "-d", "--wait");

        Assert.Contains("swap web", again.Error, StringComparison.Ordinal);
        Assert.Equal($"SECOND from {language} /b", await client.GetStringAsync("/b"));
        await stack.RunSuccessfullyAsync("down");
    }

    [Theory]
    [InlineData("for (;;);")]
    [InlineData("process.exit()")]
    public async Task NodeResponse_LeavesBeforeWhatIsDoneAfterIt(string rest)
    {
        await using var stack = new TestStack("""
            services:
              web:
                project: ./web
                forwards: ["3000"]
                restart: "no"
            """);
        var source = Path.Combine(Directory.CreateDirectory(Path.Combine(stack.Folder, "web")).FullName, "server.js");
        await File.WriteAllTextAsync(
            source,
            $"require('http').createServer((request, response) => {{ response.end('done'); {rest} }}).listen(process.env.PORT)",
            TestContext.Current.CancellationToken);

        var up = await stack.RunAsync("up", "-d", "--wait");
        Assert.SkipWhen(up.Error.Contains("cannot fetch", StringComparison.Ordinal), $"the runtime is not to be had: {up.Error}");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));

        Assert.Equal("done", await client.GetStringAsync("/"));
        await stack.RunSuccessfullyAsync("down");
    }

    [Fact]
    public async Task CommandOfAHealthCheck_RunsTheProjectWithArgumentsOfItsOwn()
    {
        await using var stack = new TestStack("""
            services:
              web:
                project: ./web
                forwards: ["3000"]
                healthcheck: { test: ["CMD", "--check"], start_interval: 200ms, start_period: 60s, timeout: 30s }
            """);
        var source = Path.Combine(Directory.CreateDirectory(Path.Combine(stack.Folder, "web")).FullName, "server.js");
        await File.WriteAllTextAsync(
            source,
            $$"""
            if (process.argv[2] === '--check') {
                require('node:http').get('http://web:3000/', response => process.exit(response.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(2));
            } else {
                {{Node}}
            }
            """,
            TestContext.Current.CancellationToken);

        var up = await stack.RunAsync("up", "-d", "--wait");

        Assert.SkipWhen(up.Error.Contains("cannot fetch", StringComparison.Ordinal), $"the runtime is not to be had: {up.Error}");
        Assert.True(up.ExitCode == 0, up.All);
        Assert.Contains("\"Health\":\"healthy\"", (await stack.RunSuccessfullyAsync("ps", "--format", "json")).Output, StringComparison.Ordinal);
        await stack.RunSuccessfullyAsync("down");
    }

    [Fact]
    public async Task Guest_CannotWriteTheManifestThatItsProjectHolds()
    {
        await using var stack = new TestStack("services: { web: { project: ., forwards: [\"3000\"] } }");
        await File.WriteAllTextAsync(
            Path.Combine(stack.Folder, "server.js"),
            """
            const fs = require('node:fs');
            function attempt(path) {
                try { fs.writeFileSync(path, 'services: { web: { project: ., build: touch taken-over } }'); return 'written'; } catch (error) { return error.code; }
            }
            require('node:http').createServer((request, response) => response.end(
                ['wasmrun-compose.yaml', 'wasmrun-compose.override.yaml', '.env', '/tmp/own'].map(attempt).join(' '))).listen(process.env.PORT);
            """,
            TestContext.Current.CancellationToken);

        var up = await stack.RunAsync("up", "-d", "--wait");

        Assert.SkipWhen(up.Error.Contains("cannot fetch", StringComparison.Ordinal), $"the runtime is not to be had: {up.Error}");
        Assert.True(up.ExitCode == 0, up.All);
        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));
        Assert.Equal("EROFS EROFS EROFS written", await client.GetStringAsync("/"));
        await stack.RunSuccessfullyAsync("down");
    }

    [Fact]
    public async Task PythonProject_IsPreparedForItsNextStart_WhenItListens()
    {
        await using var stack = new TestStack(Manifest);
        var package = $"package_{stack.Name.Replace('-', '_')}";
        var vendor = Directory.CreateDirectory(Path.Combine(stack.Folder, "web", "vendor", package)).FullName;
        await File.WriteAllTextAsync(Path.Combine(vendor, "__init__.py"), "print('imported the package')", TestContext.Current.CancellationToken);
        var source = Path.Combine(stack.Folder, "web", "app.py");
        await File.WriteAllTextAsync(source, $"import {package}\n{Python}", TestContext.Current.CancellationToken);
        var up = await stack.RunAsync("up", "-d", "--wait");
        Assert.SkipWhen(up.Error.Contains("cannot fetch", StringComparison.Ordinal), $"the runtime is not to be had: {up.Error}");
        Assert.True(up.ExitCode == 0, up.All);
        var images = Path.Combine(stack.Environment["WASMRUN_CACHE_DIR"], "runtimes", "python-images");
        await WhenThereIsAnImageAsync(images, package).OrFail(() => $"an image that holds {package}");

        await File.WriteAllTextAsync(source, $"import {package}\n{Python}".Replace("FIRST", "SECOND", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await stack.RunSuccessfullyAsync("up", "-d", "--wait");

        using var client = TestStack.NewClient(await stack.PortAsync("web", 3000));
        Assert.Equal("SECOND from python /b", await client.GetStringAsync("/b"));
        var logs = await stack.RunSuccessfullyAsync("logs");
        Assert.Equal(2, logs.Output.Split("imported the package").Length);
        await stack.RunSuccessfullyAsync("down");
    }

    [Theory]
    [InlineData("app.py", "import os; print(os.getcwd())")]
    [InlineData("server.js", "console.log(process.cwd())")]
    public async Task Project_StartsInItsWorkingDirectory(string file, string code)
    {
        await using var stack = new TestStack("""
            services:
              web:
                project: ./web
                working_dir: /data
                tmpfs: [/data]
            """);
        var source = Path.Combine(Directory.CreateDirectory(Path.Combine(stack.Folder, "web")).FullName, file);
        await File.WriteAllTextAsync(source, code, TestContext.Current.CancellationToken);

        var up = await stack.RunAsync("up", "--no-log-prefix");

        Assert.SkipWhen(up.Error.Contains("cannot fetch", StringComparison.Ordinal), $"the runtime is not to be had: {up.Error}");
        Assert.True(up.ExitCode == 0, up.All);
        Assert.Contains("/data", up.Output.Split('\n'));
    }

    [Fact]
    public async Task OsWatch_OfAProjectAnswersWithNewCode()
    {
        await using var stack = new TestStack("services: {}");
        var source = Path.Combine(Directory.CreateDirectory(Path.Combine(stack.Folder, "web")).FullName, "server.js");
        await File.WriteAllTextAsync(source, Node, TestContext.Current.CancellationToken);
        var process = stack.Start("os", "./web", "--forward", "0:3000", "--watch");
        var said = await process.LineAsync(
            line => line.Contains("is watched", StringComparison.Ordinal) || line.Contains("cannot fetch", StringComparison.Ordinal), "that says it watches");
        Assert.SkipWhen(said.Contains("cannot fetch", StringComparison.Ordinal), $"the runtime is not to be had: {said}");
        var place = await process.LineAsync(line => line.StartsWith("http://localhost:", StringComparison.Ordinal), "that says where it is reached");
        using var client = TestStack.NewClient(int.Parse(place.Split(' ')[0].Split(':')[2], CultureInfo.InvariantCulture));
        Assert.Equal("FIRST from node /a", await client.GetStringAsync("/a"));

        await File.WriteAllTextAsync(source, Node.Replace("FIRST", "SECOND", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await process.LineAsync(line => line.Contains("swapped", StringComparison.Ordinal), "that says it was swapped");

        Assert.Equal("SECOND from node /b", await client.GetStringAsync("/b"));
        process.Signal(Posix.SigInt);
        Assert.Equal(0, (await process.ExitAsync()).ExitCode);
    }

    private static async Task WhenThereIsAnImageAsync(string folder, string package)
    {
        while (!HasImage(folder, package))
        {
            await Task.Yield();
        }
    }

    private static bool HasImage(string folder, string package) =>
        Directory.Exists(folder) && new DirectoryInfo(folder).GetFiles("*.image").OrderByDescending(file => file.LastWriteTimeUtc).Take(8).Any(file => Tail(file).Contains(package, StringComparison.Ordinal));

    private static string Tail(FileInfo file)
    {
        try
        {
            using var stream = file.OpenRead();
            stream.Seek(-Math.Min(stream.Length, 65536), SeekOrigin.End);
            return new StreamReader(stream, System.Text.Encoding.Latin1).ReadToEnd();
        }
        catch (FileNotFoundException)
        {
            return string.Empty;
        }
    }
}
