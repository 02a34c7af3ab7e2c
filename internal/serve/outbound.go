package serve

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/idna"

	"safelight/internal/fault"
)

// ErrOutbound refuses an address that somebody gave us to fetch from or post to.
var ErrOutbound = fault.New(fault.Invalid, "outbound.refused",
	"This address cannot be used. It must be a public https address.")

const maxRedirects = 3

// NewOutboundClient returns a client for addresses that other people choose: an
// image by URL, a webhook, a server of their own. It reaches only https on
// public addresses, on port 443 or one above 1023. What a name resolves to is
// looked at when it is dialled, so that a name cannot change its mind; a
// redirect is looked at as the first address was, and three are followed. It
// uses no proxy, which would dial in its place. A refusal is [ErrOutbound].
//
// With allowPrivate every address and plain http are allowed too: for an
// operator's own engines, never for what a customer types.
//
// The caller limits time with the request's context and the answer's size with
// [http.MaxBytesReader] or io.LimitReader.
func NewOutboundClient(allowPrivate bool) *http.Client {
	o := &outbound{refuses: isPrivate}
	if allowPrivate {
		o.refuses = nil
	}
	return o.client(nil, nil)
}

type outbound struct {
	refuses func(netip.Addr) bool // nil allows every address, port and plain http
	next    http.RoundTripper
}

// client takes a resolver and trusted certificates, both nil but in tests.
func (o *outbound) client(resolver *net.Resolver, trust *tls.Config) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Resolver: resolver, ControlContext: o.control}
	o.next = &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        trust,
		TLSHandshakeTimeout:    5 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           32,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return &http.Client{Transport: o, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return fmt.Errorf("serve: more than %d redirects: %w", maxRedirects, ErrOutbound)
		}
		return nil
	}}
}

// RoundTrip checks the spelling of every address, redirects among them, before
// anything is resolved.
func (o *outbound) RoundTrip(r *http.Request) (*http.Response, error) {
	if why := o.misspelt(r.URL); why != "" {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, fmt.Errorf("serve: %s: %w", why, ErrOutbound)
	}
	return o.next.RoundTrip(r)
}

// misspelt says what is wrong with a URL, or nothing.
func (o *outbound) misspelt(u *url.URL) string {
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(u.Hostname(), "."))
	_, notIP := netip.ParseAddr(u.Hostname())
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || o.refuses != nil):
		return "not https"
	case u.User != nil:
		return "a user in the address"
	case u.Hostname() == "":
		return "no host"
	case o.refuses == nil || notIP == nil:
		return o.badPort(u.Port())
	case err != nil || host == "":
		return "not a host name"
	case host == "localhost" || strings.HasSuffix(host, ".localhost"):
		return "this machine's own name"
	case endsInNumber(host):
		return "a number for a host name"
	}
	return o.badPort(u.Port())
}

func (o *outbound) badPort(port string) string {
	if port == "" || port == "443" || o.refuses == nil {
		return ""
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n < 1024 {
		return "port " + port
	}
	return ""
}

// endsInNumber finds the old spellings of an IPv4 address (127.1, 0x7f000001,
// 017700000001), which some resolvers still read. No public name ends so.
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// control sees each address that a name has resolved to, just before the
// connection.
func (o *outbound) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	if o.refuses == nil {
		return nil
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil || o.refuses(ap.Addr()) {
		return fmt.Errorf("serve: %s: %w", address, ErrOutbound)
	}
	return nil
}

// notPublic are the networks inside the public ranges that are not: private,
// loopback, link-local, shared by carriers, documentation, benchmarks, multicast,
// reserved, and the IPv6 ones that carry an IPv4 address inside (6to4, Teredo).
var notPublic = parsePrefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// globalUnicast is all of IPv6 that is given out. Outside of it are loopback,
// link-local, unique local, multicast, NAT64 and IPv4-compatible addresses.
var globalUnicast = netip.MustParsePrefix("2000::/3")

func parsePrefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// isPrivate reports whether an address is anything but a public one.
func isPrivate(a netip.Addr) bool {
	if a.Zone() != "" {
		return true
	}
	a = a.Unmap()
	if a.Is6() && !globalUnicast.Contains(a) {
		return true
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return true
		}
	}
	return !a.IsValid()
}
