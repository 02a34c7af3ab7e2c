package serve

import "strings"

// headers are those of every answer. A handler may replace one of its own
// answer: a picture's Cache-Control, a download's Content-Security-Policy.
func headers(formTargets []string, secure bool) [][2]string {
	csp := []string{
		"default-src 'self'", "img-src 'self' blob: data:", "object-src 'none'", "base-uri 'none'",
		"frame-ancestors 'none'", "form-action " + strings.Join(append([]string{"'self'"}, formTargets...), " "),
	}
	if secure {
		csp = append(csp, "upgrade-insecure-requests")
	}
	all := [][2]string{
		{"Content-Security-Policy", strings.Join(csp, "; ")},
		{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "DENY"},
		{"Referrer-Policy", "no-referrer"},
		{"Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Cache-Control", "no-store"},
	}
	if secure {
		all = append(all, [2]string{"Strict-Transport-Security", "max-age=31536000; includeSubDomains"})
	}
	return all
}
