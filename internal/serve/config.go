package serve

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"safelight/internal/fault"
	"safelight/internal/i18n"
)

// Config says how the site is reached.
type Config struct {
	// BaseURL is the public address, such as https://photos.example.com. With
	// https the cookies are Secure with the __Host- prefix and HSTS is sent.
	BaseURL string
	// Plain allows an http BaseURL that is not on this machine.
	Plain bool
	// TrustedProxies are the addresses or networks whose X-Forwarded-For and
	// X-Request-Id are believed.
	TrustedProxies []string
	// FormTargets are the origins besides our own to which a form may lead:
	// the payment processor's hosted page.
	FormTargets []string
	// Foreign are mux patterns, such as "POST /webhooks/", of requests that
	// come from elsewhere by design and prove themselves otherwise.
	Foreign []string
	// Languages are the offered languages, the default first; all when empty.
	Languages []i18n.Lang
	// MaxBody is the largest body in bytes where [AllowBody] says nothing
	// else; 1 MiB when zero.
	MaxBody int64
}

// The errors of a Config.
var (
	ErrBaseURL     = fault.New(fault.Invalid, "serve.base_url", "The public address must be http or https with a host and nothing after it.")
	ErrPlain       = fault.New(fault.Invalid, "serve.plain", "A public address that is not on this machine must be https, unless plain http is allowed on purpose.")
	ErrProxies     = fault.New(fault.Invalid, "serve.proxies", "A trusted proxy is an address or a network, such as 10.0.0.0/8.")
	ErrFormTargets = fault.New(fault.Invalid, "serve.form_targets", "A form target is an origin, such as https://checkout.stripe.com.")
)

// Validate reports a value that cannot be used, and its field.
func (c Config) Validate() error {
	u, err := origin(c.BaseURL)
	if err != nil {
		return ErrBaseURL.On("BaseURL").Because(err)
	}
	if u.Scheme == "http" && !c.Plain && !thisMachine(u.Hostname()) {
		return ErrPlain.On("BaseURL")
	}
	if _, err := networks(c.TrustedProxies); err != nil {
		return ErrProxies.On("TrustedProxies").Because(err)
	}
	for _, t := range c.FormTargets {
		if _, err := origin(t); err != nil || strings.ContainsAny(t, " ;,'\"") {
			return ErrFormTargets.On("FormTargets").Because(err)
		}
	}
	return nil
}

func origin(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, ErrBaseURL
	}
	return u, nil
}

func thisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

func networks(all []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(all))
	for _, s := range all {
		if ip, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Masked())
	}
	return slices.Clip(out), nil
}
