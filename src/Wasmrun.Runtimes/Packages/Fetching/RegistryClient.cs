using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using Polly;
using Polly.Retry;
using Wasmrun.Runtimes.Packages.Settings;

namespace Wasmrun.Runtimes.Packages.Fetching;

/// <summary>
/// Fetches archives and descriptions of packages over the protocol of npm's registry: with the user's settings, again where that may
/// help, and archives never without a check of their hash.
/// </summary>
internal sealed class RegistryClient : IDisposable
{
    private const int MaxRedirects = 10;
    private const int BufferBytes = 64 << 10;
    private const long MaxArchiveBytes = 512L << 20;
    private const string PublicHost = "registry.npmjs.org";
    private static readonly TimeSpan _connecting = TimeSpan.FromSeconds(20);

    private readonly NpmSettings _settings;
    private readonly FetchOptions _options;
    private readonly HttpClient _client;
    private readonly ConcurrentDictionary<ClientIdentity, Lazy<HttpClient>> _identified = new();
    private readonly ResiliencePipeline _attempts;

    /// <summary>Goes by these settings for as long as it lives.</summary>
    /// <exception cref="PackageFetchException">The settings cannot be followed.</exception>
    public RegistryClient(NpmSettings settings, FetchOptions options)
    {
        _settings = settings;
        _options = options;
        _client = MakeClient(settings, RegistryTrust.Options(settings));
        _attempts = new ResiliencePipelineBuilder { TimeProvider = options.Time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<PackageFetchException>(static failure => failure.IsPassing),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = options.RetryDelay > TimeSpan.Zero,
                Delay = options.RetryDelay,
                DelayGenerator = attempt => new(Min((attempt.Outcome.Exception as PackageFetchException)?.RetryAfter, options.MaxRetryDelay)),
            })
            .Build();
    }

    /// <summary>Where a package's archive lies for this user: an address of the public registry means the user's own.</summary>
    public Uri AddressOf(LockedPackage package)
    {
        var registry = _settings.RegistryFor(package.Name);
        if (package.Address is null)
        {
            return new(registry, $"{package.Name}/-/{package.Name[(package.Name.IndexOf('/', StringComparison.Ordinal) + 1)..]}-{package.Version}.tgz");
        }

        var isReplaced = _settings["replace-registry-host"] switch
        {
            "never" => false,
            "always" => true,
            null or "npmjs" => package.Address.Host == PublicHost,
            var host => package.Address.Host == host,
        };
        return isReplaced ? new(registry, package.Address.PathAndQuery.TrimStart('/')) : package.Address;
    }

    /// <summary>Writes a package's archive into the target, which afterwards holds exactly what the hash names.</summary>
    /// <exception cref="PackageFetchException">It cannot be had, or is something else.</exception>
    public async Task DownloadAsync(LockedPackage package, Stream target, Action<FetchProgress> progress, CancellationToken token)
    {
        var integrity = Integrity.Parse(package.Integrity)
            ?? throw new PackageFetchException($"the lock file names no hash for {package} that it could be checked by; pin it by sha512");
        var address = AddressOf(package);
        await AttemptAsync(package.ToString(), address, accept: null, async (response, silence) =>
        {
            var total = response.Content.Headers.ContentLength;
            progress(new(package.ToString(), address.Host, 0, total));
            target.SetLength(0);
            using var hash = IncrementalHash.CreateHash(integrity.Algorithm);
            await using var body = await response.Content.ReadAsStreamAsync(silence.Token);
            var buffer = new byte[BufferBytes];
            var received = 0L;
            while (await ReadAsync(body, buffer, silence.Token) is var count and > 0)
            {
                silence.CancelAfter(_options.Silence);
                hash.AppendData(buffer, 0, count);
                await target.WriteAsync(buffer.AsMemory(0, count), token);
                received += count;
                progress(new(package.ToString(), address.Host, received, total));
                if (received > MaxArchiveBytes)
                {
                    throw new PackageFetchException($"{package} from {address} is larger than {MaxArchiveBytes >> 20} MiB, and nothing of it was used");
                }
            }

            var actual = hash.GetHashAndReset();
            return integrity.IsMetBy(actual) ? true : throw FetchProblem.Different(package.ToString(), address, integrity, integrity.Write(actual));
        }, token);
    }

    /// <summary>The description of a package with all of its versions, as the registry keeps it for installers.</summary>
    /// <exception cref="PackageFetchException">It cannot be had.</exception>
    public Task<byte[]> DescribeAsync(string name, CancellationToken token) => AttemptAsync(
        $"the versions of {name}",
        new Uri(_settings.RegistryFor(name), name.Replace("/", "%2f", StringComparison.Ordinal)),
        "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8",
        (response, silence) => response.Content.ReadAsByteArrayAsync(silence.Token),
        token);

    public void Dispose()
    {
        _client.Dispose();
        foreach (var client in _identified.Values.Where(static client => client.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    private static HttpClient MakeClient(NpmSettings settings, SslClientAuthenticationOptions security)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = _connecting,
            Proxy = new RegistryProxy(settings),
            SslOptions = security,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("wasmrun");
        return client;
    }

    /// <summary>What goes wrong here is the network's fault; what goes wrong with the target is the disk's.</summary>
    private static async ValueTask<int> ReadAsync(Stream body, byte[] buffer, CancellationToken token)
    {
        try
        {
            return await body.ReadAsync(buffer, token);
        }
        catch (IOException e)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, e.Message, e);
        }
    }

    private static TimeSpan? Min(TimeSpan? asked, TimeSpan most) => asked > most ? most : asked;

    /// <summary>Connections that show a certificate are kept apart from all others.</summary>
    private HttpClient ClientFor(ClientIdentity? identity) => identity is null ? _client : _identified.GetOrAdd(identity, shown => new(() =>
    {
        var security = RegistryTrust.Options(_settings);
        security.ClientCertificateContext = shown.Load();
        return MakeClient(_settings, security);
    })).Value;

    private async Task<T> AttemptAsync<T>(
        string what, Uri address, string? accept, Func<HttpResponseMessage, CancellationTokenSource, Task<T>> read, CancellationToken token) =>
        await _attempts.ExecuteAsync(async token =>
        {
            using var silence = new CancellationTokenSource(_options.Silence, _options.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(token, silence.Token);
            try
            {
                using var response = await FollowAsync(what, address, accept, either.Token);
                silence.CancelAfter(_options.Silence);
                return await read(response, silence).WaitAsync(token);
            }
            catch (OperationCanceledException e) when (silence.IsCancellationRequested && !token.IsCancellationRequested)
            {
                throw FetchProblem.Silent(what, address, _options.Silence, e);
            }
            catch (HttpRequestException e)
            {
                throw FetchProblem.Unreached(what, address, e);
            }
        }, token);

    /// <summary>Follows redirects, each with the credentials and the certificate for its own address and no others.</summary>
    private async Task<HttpResponseMessage> FollowAsync(string what, Uri address, string? accept, CancellationToken token)
    {
        var at = address;
        for (var step = 0; step <= MaxRedirects; step++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, at);
            request.Headers.Authorization = _settings.CredentialsFor(at);
            if (accept is not null)
            {
                request.Headers.TryAddWithoutValidation("Accept", accept);
            }

            var identity = _settings.IdentityFor(at);
            HttpResponseMessage response;
            try
            {
                response = await ClientFor(identity).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
            }
            catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.Unknown
                && identity is null && at.Scheme == Uri.UriSchemeHttps)
            {
                throw FetchProblem.ClosedToUnknown(what, at, e);
            }

            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if (response is not { StatusCode: >= HttpStatusCode.MovedPermanently and <= HttpStatusCode.PermanentRedirect, Headers.Location: { } next })
                {
                    throw FetchProblem.Answered(what, at, response, request.Headers.Authorization is not null);
                }

                var target = new Uri(at, next);
                if (target.Scheme is not ("http" or "https") || (at.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps))
                {
                    throw new PackageFetchException($"cannot fetch {what} from {at}: the server redirects to {target}, which is less secure");
                }

                at = target;
            }
        }

        throw new PackageFetchException($"cannot fetch {what} from {address}: the server redirects more than {MaxRedirects} times");
    }
}
