package serve

import (
	"net/http"
	"net/netip"
	"strings"
)

func protection(base string, foreign []string) (p *http.CrossOriginProtection, err error) {
	p = http.NewCrossOriginProtection()
	if err := p.AddTrustedOrigin(base); err != nil {
		return nil, err
	}
	defer func() { // a pattern that the mux does not take panics
		if recover() != nil {
			err = ErrBaseURL.On("Foreign")
		}
	}()
	for _, pattern := range foreign {
		p.AddInsecureBypassPattern(pattern)
	}
	return p, nil
}

// checkOrigin refuses a change that a page of another site asks for with the
// visitor's cookie. A bearer token is no cookie: no other site can send it,
// and with one the cookie is not looked at.
func (s *Site) checkOrigin(r *http.Request) error {
	if r.Header.Get("Authorization") != "" {
		return nil
	}
	if err := s.cross.Check(r); err != nil {
		return ErrCrossOrigin.Because(err)
	}
	return nil
}

func peer(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

func (s *Site) trusted(ip netip.Addr) bool {
	for _, p := range s.proxies {
		if ip.IsValid() && p.Contains(ip) {
			return true
		}
	}
	return false
}

// clientIP walks the forwarded addresses from the nearest, as long as proxies
// that we trust vouch for them.
func (s *Site) clientIP(r *http.Request, ip netip.Addr) netip.Addr {
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(ip); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = next.Unmap().WithZone("")
	}
	return ip
}
