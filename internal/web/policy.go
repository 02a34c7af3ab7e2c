package web

// ContentPolicy is the Content-Security-Policy of every page: everything from
// this very site, nothing inline, no frame, no plug-in. Whoever adds a payment
// page on another host adds that host to form-action, because browsers hold
// redirects of a form to it.
const ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
