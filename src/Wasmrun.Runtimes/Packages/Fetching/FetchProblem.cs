using System.Net;
using System.Security.Authentication;

namespace Wasmrun.Runtimes.Packages.Fetching;

/// <summary>Says why something cannot be fetched, and what to do about it.</summary>
internal static class FetchProblem
{
    /// <summary>The server has answered, but not with what was asked for.</summary>
    /// <param name="what">A package, with its version if that is known.</param>
    /// <param name="known">Whether credentials were sent along.</param>
    public static PackageFetchException Answered(string what, Uri address, HttpResponseMessage response, bool known)
    {
        var status = response.StatusCode;
        var advice = status switch
        {
            HttpStatusCode.Unauthorized when known => "it does not accept the credentials in .npmrc; renew them",
            HttpStatusCode.Unauthorized => $"it wants to know who asks; put a token into ~/.npmrc: //{address.Authority}/:_authToken=TOKEN",
            HttpStatusCode.Forbidden when known => "it forbids that to the user of the credentials in .npmrc, who may lack a right, or it blocks this package",
            HttpStatusCode.Forbidden => $"it forbids that; it may want a token in ~/.npmrc, //{address.Authority}/:_authToken=TOKEN, or block this package",
            HttpStatusCode.NotFound or HttpStatusCode.Gone =>
                "it does not have that, or does not show it without credentials; if another registry does, name that one in .npmrc: registry=https://HOST/ or @SCOPE:registry=https://HOST/",
            HttpStatusCode.BadRequest when address.Scheme == Uri.UriSchemeHttps => $"which nobody expected; {WantsCertificate(address)}",
            HttpStatusCode.ProxyAuthenticationRequired => "the proxy wants a user and a password; put them into its address",
            HttpStatusCode.TooManyRequests => "it has had too many requests; try again later",
            >= HttpStatusCode.InternalServerError => "it is in trouble; try again later",
            _ => "which nobody expected; is that the address of a registry?",
        };
        return new($"cannot fetch {what} from {address}: the server answered {(int)status} {response.ReasonPhrase}: {advice}")
        {
            IsPassing = status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    /// <summary>The server was not reached, or broke off.</summary>
    public static PackageFetchException Unreached(string what, Uri address, Exception cause)
    {
        var error = (cause as HttpRequestException)?.HttpRequestError ?? HttpRequestError.Unknown;
        var advice = error switch
        {
            HttpRequestError.NameResolutionError => $"there is no host '{address.Host}', or no network; what is in the cache needs none",
            HttpRequestError.SecureConnectionError when cause.InnerException is AuthenticationException refused =>
                $"its certificate is not trusted ({refused.Message}); name the authority that signed it in ~/.npmrc: cafile=FILE",
            HttpRequestError.SecureConnectionError => $"no secure connection comes about ({cause.Message})",
            HttpRequestError.ProxyTunnelError => $"the proxy does not let it through ({cause.Message}); correct HTTPS_PROXY, or except the host with NO_PROXY",
            HttpRequestError.ConnectionError => $"it cannot be reached ({cause.Message}); check the network, HTTPS_PROXY, and 'registry' in ~/.npmrc",
            _ => $"the transfer broke off ({cause.Message})",
        };
        return new($"cannot fetch {what} from {address}: {advice}", cause)
        {
            IsPassing = error is not (HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError),
        };
    }

    /// <summary>The server closed a secure connection instead of answering, to somebody who has shown no certificate.</summary>
    public static PackageFetchException ClosedToUnknown(string what, Uri address, HttpRequestException cause) =>
        new($"cannot fetch {what} from {address}: the server closed the connection before it answered; {WantsCertificate(address)}", cause)
        {
            IsPassing = true,
        };

    /// <summary>The server said nothing for too long.</summary>
    public static PackageFetchException Silent(string what, Uri address, TimeSpan silence, Exception cause) =>
        new($"cannot fetch {what} from {address}: the server said nothing for {silence.TotalSeconds:0} seconds; check the network, and HTTPS_PROXY", cause)
        {
            IsPassing = true,
        };

    /// <summary>What came is something else.</summary>
    public static PackageFetchException Different(string what, Uri address, Integrity wanted, string actual) => new(
        $"{what} from {address} is not what the lock file names, and nothing of it was used: its hash is {actual}, it should be {wanted}; " +
        "a registry or a proxy has changed it, or the lock file is wrong");

    private static string WantsCertificate(Uri address) =>
        $"if it wants a certificate of yours, name that in ~/.npmrc: //{address.Authority}/:certfile=FILE and //{address.Authority}/:keyfile=FILE";
}
