package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// inward are spellings of addresses inside. PORT becomes that of a listener, so
// that one that is not refused is seen.
var inward = []string{
	"https://127.0.0.1:PORT/", "https://127.0.0.1.:PORT/", "https://127.1:PORT/", "https://127.0.1:PORT/", "https://127.9.9.9:PORT/",
	"https://2130706433:PORT/", "https://0x7f000001:PORT/", "https://0X7F.0.0.1:PORT/", "https://0x7f.1:PORT/",
	"https://017700000001:PORT/", "https://0177.0.0.1:PORT/", "https://127.0.0.01:PORT/", "https://00000127.0.0.1:PORT/",
	"https://0.0.0.0:PORT/", "https://0:PORT/", "https://localhost:PORT/", "https://LOCALHOST:PORT/", "https://localhost.:PORT/",
	"https://a.localhost:PORT/", "https://[::1]:PORT/", "https://[0:0:0:0:0:0:0:1]:PORT/", "https://[::]:PORT/",
	"https://[::ffff:127.0.0.1]:PORT/", "https://[::ffff:7f00:1]:PORT/", "https://[0:0:0:0:0:ffff:127.0.0.1]:PORT/",
	"https://[::127.0.0.1]:PORT/", "https://[64:ff9b::127.0.0.1]:PORT/", "https://[64:ff9b:1::7f00:1]:PORT/",
	"https://[2002:7f00:1::]:PORT/", "https://[2001:0:7f00:1::]:PORT/", "https://[fe80::1%25lo]:PORT/", "https://[::1%25lo]:PORT/",
	"https://[fc00::1]:PORT/", "https://[fd00:ec2::254]:PORT/", "https://[ff02::1]:PORT/", "https://[fec0::1]:PORT/",
	"https://10.0.0.1:PORT/", "https://172.16.0.1:PORT/", "https://172.31.255.255:PORT/", "https://192.168.1.1:PORT/",
	"https://169.254.169.254/latest/meta-data/", "https://100.64.0.1:PORT/", "https://100.100.100.200/", "https://192.0.0.192/",
	"https://198.18.0.1:PORT/", "https://224.0.0.1:PORT/", "https://255.255.255.255:PORT/", "https://240.0.0.1:PORT/",
	"https://①②⑦.⓪.⓪.①:PORT/", "https://127。0。0。1:PORT/", "https://localhoſt:PORT/",
	"https://example.com@127.0.0.1:PORT/", "https://user:word@example.com/", "http://127.0.0.1:PORT/", "http://example.com/",
	"HTTP://127.0.0.1:PORT/", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1:PORT/", "//127.0.0.1:PORT/",
	"https:///127.0.0.1:PORT/", "https://example.com:22/", "https://example.com:0/", "https://example.com:99999/",
}

// target is a TLS server that counts its connections.
func target(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var hits atomic.Int32
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			hits.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, &hits
}

func portOf(t *testing.T, server *httptest.Server) string {
	t.Helper()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func trusting(server *httptest.Server) *tls.Config {
	return server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
}

func fetch(t *testing.T, c *http.Client, address string) (int, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrOutbound, err) // no request, no danger
	}
	answer, err := c.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

func TestNoSpellingLeadsInside(t *testing.T) {
	server, hits := target(t, func(http.ResponseWriter, *http.Request) {})
	c := (&outbound{refuses: isPrivate}).client(nil, trusting(server))
	for _, spelling := range inward {
		address := strings.ReplaceAll(spelling, "PORT", portOf(t, server))
		status, err := fetch(t, c, address)
		if !errors.Is(err, ErrOutbound) && !isUnreadable(err) {
			t.Errorf("%s: status %d, %v", address, status, err)
		}
	}
	if hits.Load() != 0 || len(inward) < 49 {
		t.Errorf("%d connections by %d spellings", hits.Load(), len(inward))
	}
}

// isUnreadable: net/http itself refused the URL before it came to us.
func isUnreadable(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "no Host in request URL") ||
		strings.Contains(err.Error(), "unsupported protocol scheme"))
}

func TestPublicAddressesAreAllowed(t *testing.T) {
	for _, a := range []string{"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.1", "100.63.255.255",
		"100.128.0.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "::ffff:8.8.8.8"} {
		if isPrivate(netip.MustParseAddr(a)) {
			t.Errorf("%s is refused", a)
		}
	}
	o := &outbound{refuses: isPrivate}
	for _, address := range []string{"https://example.com", "https://example.com:443/x?y", "https://example.com:8443/",
		"https://bücher.example/", "https://xn--bcher-kva.example/", "https://1and1.example/", "https://8.8.8.8/"} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if why := o.misspelt(u); why != "" {
			t.Errorf("%s: %s", address, why)
		}
	}
}

// names starts a name server that answers every question for an IPv4 address
// with the next of addresses, the last for ever.
func names(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		for buf := make([]byte, 1500); ; {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Additionals, m.Response, m.RecursionAvailable = nil, true, true
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
					Body:   &dnsmessage.AResource{A: netip.MustParseAddr(addresses[0]).As4()},
				}}
				if len(addresses) > 1 {
					addresses = addresses[1:]
				}
			}
			if b, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(b, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func TestNameThatLeadsInsideIsRefused(t *testing.T) {
	server, hits := target(t, func(http.ResponseWriter, *http.Request) {})
	for _, inside := range []string{"127.0.0.1", "10.1.2.3", "169.254.169.254"} {
		c := (&outbound{refuses: isPrivate}).client(names(t, inside), trusting(server))
		if _, err := fetch(t, c, "https://shop.example.com:"+portOf(t, server)); !errors.Is(err, ErrOutbound) {
			t.Errorf("%s: %v", inside, err)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d connections", hits.Load())
	}
}

// butTwo is a rule for tests: 127.0.0.1 stands for the public network and
// 127.0.0.2 for the private one.
func butTwo(a netip.Addr) bool { return a.Unmap() != netip.MustParseAddr("127.0.0.1") }

func TestNameThatChangesItsMindIsRefused(t *testing.T) {
	server, hits := target(t, func(http.ResponseWriter, *http.Request) {})
	c := (&outbound{refuses: butTwo}).client(names(t, "127.0.0.1", "127.0.0.2"), trusting(server))
	c.Transport.(*outbound).next.(*http.Transport).DisableKeepAlives = true
	address := "https://example.com:" + portOf(t, server)
	if status, err := fetch(t, c, address); err != nil || status != http.StatusOK {
		t.Fatalf("the public address: %d, %v", status, err)
	}
	if _, err := fetch(t, c, address); !errors.Is(err, ErrOutbound) || hits.Load() != 1 {
		t.Errorf("the private address: %v after %d connections", err, hits.Load())
	}
}

func TestRedirectsAreLookedAtAgain(t *testing.T) {
	var inside *httptest.Server
	outside, _ := target(t, func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{
			"/1": "/ok", "/2": "/1", "/3": "/2", "/4": "/3",
			"/inside":  strings.Replace(inside.URL, "127.0.0.1", "127.0.0.2", 1),
			"/plain":   "http://example.com/",
			"/file":    "file:///etc/passwd",
			"/own":     "https://localhost/",
			"/relogin": "https://user:word@127.0.0.1/",
		}[r.URL.Path]
		if to != "" {
			http.Redirect(w, r, to, http.StatusFound)
		}
	})
	inside, hits := target(t, func(http.ResponseWriter, *http.Request) {})
	c := (&outbound{refuses: butTwo}).client(nil, trusting(outside))
	for _, path := range []string{"/ok", "/1", "/3"} {
		if status, err := fetch(t, c, outside.URL+path); err != nil || status != http.StatusOK {
			t.Errorf("%s: %d, %v", path, status, err)
		}
	}
	for _, path := range []string{"/4", "/inside", "/plain", "/file", "/own", "/relogin"} {
		if status, err := fetch(t, c, outside.URL+path); !errors.Is(err, ErrOutbound) {
			t.Errorf("%s: %d, %v", path, status, err)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d connections inside", hits.Load())
	}
}

func TestOperatorMayAllowPrivateAddresses(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	if status, err := fetch(t, NewOutboundClient(true), server.URL); err != nil || status != http.StatusOK {
		t.Errorf("allowed: %d, %v", status, err)
	}
	if _, err := fetch(t, NewOutboundClient(false), server.URL); !errors.Is(err, ErrOutbound) {
		t.Errorf("not allowed: %v", err)
	}
	if _, err := fetch(t, NewOutboundClient(true), "file:///etc/passwd"); err == nil {
		t.Error("a file was fetched")
	}
}

func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	if c := NewOutboundClient(false); c.Transport.(*outbound).next.(*http.Transport).Proxy != nil {
		t.Error("a proxy would dial in the client's place")
	}
}
