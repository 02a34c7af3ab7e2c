package account

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"

	useragent "github.com/medama-io/go-useragent"

	"safelight/internal/i18n"
	"safelight/internal/serve"
)

// A Client is from where somebody acts.
type Client struct {
	IP        string
	UserAgent string
}

// ClientOf returns from where r comes. The browser's name is cut at 400 bytes.
func ClientOf(r *http.Request) Client {
	c := Client{UserAgent: clean(r.UserAgent())}
	if ip := serve.ClientIP(r.Context()); ip.IsValid() {
		c.IP = ip.String()
	}
	return c
}

// clean makes a header fit for a row and a page: valid text without control
// characters.
func clean(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s[:min(len(s), 400)], ""))
	return s
}

// network is what the limits count by.
func (c Client) network() string {
	ip, err := netip.ParseAddr(c.IP)
	if err != nil {
		return "unknown"
	}
	return serve.Network(ip)
}

var agents = sync.OnceValue(useragent.NewParser)

// Device names the browser and the system for people: "Firefox on Linux".
func (c Client) Device(p *i18n.Printer) string {
	a := agents().Parse(c.UserAgent)
	browser, system := a.Browser().String(), a.OS().String()
	switch {
	case browser == "":
		return p.T("account.device_unknown")
	case system == "":
		return browser
	}
	return p.T("account.device", i18n.Args{"browser": browser, "os": system})
}
