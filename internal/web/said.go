package web

import (
	"net/http"
	"time"

	"safelight/internal/i18n"
)

const saidCookie = "said"

// sayings are what can be said on the page after a form, and how it went.
var sayings = map[string]Tone{
	"web.verify_again_sent": Good,
	"web.password_changed":  Good,
	"web.password_reset":    Good,
	"web.signed_out_all":    Good,
	"web.session_ended":     Good,
	"web.token_ended":       Good,
	"web.order_thanks":      Good,
	"web.order_kept":        Warn,
	"web.order_closed":      Warn,
	"web.deleted_one":       Good,
	"web.deleted_all":       Good,
}

// say leaves a message for the next page; key is one of sayings.
func (s *Server) say(w http.ResponseWriter, key string) {
	s.site.SetCookie(w, saidCookie, key, time.Minute)
}

// said takes the message that was left for this page.
func (s *Server) said(w http.ResponseWriter, r *http.Request, p *i18n.Printer) []Notice {
	key := s.site.Cookie(r, saidCookie)
	if key == "" {
		return nil
	}
	s.site.ClearCookie(w, saidCookie)
	tone, known := sayings[key]
	if !known {
		return nil
	}
	return []Notice{{tone, p.T(key)}}
}
