package serve

import (
	"net/http"
	"time"

	"safelight/internal/i18n"
)

// SessionCookie holds the token of who is signed in.
const SessionCookie = "session"

const languageCookie = "lang"

func (s *Site) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

// Cookie is the value of a cookie of ours, or "". A cookie that came twice is
// none: one of the two was planted.
func (s *Site) Cookie(r *http.Request, name string) string {
	all := r.CookiesNamed(s.cookieName(name))
	if len(all) != 1 {
		return ""
	}
	return all[0].Value
}

// SetCookie gives the browser a cookie that scripts and other sites do not
// see. A zero age lasts until the browser ends.
func (s *Site) SetCookie(w http.ResponseWriter, name, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/",
		MaxAge: int(age / time.Second), HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
}

// ClearCookie takes a cookie back.
func (s *Site) ClearCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(name), Path: "/",
		MaxAge: -1, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
}

// RememberLang keeps the language chosen on this device for a year.
func (s *Site) RememberLang(w http.ResponseWriter, l i18n.Lang) {
	s.SetCookie(w, languageCookie, string(l), 365*24*time.Hour)
}
