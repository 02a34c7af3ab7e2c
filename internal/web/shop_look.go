package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"safelight/internal/shop"
)

// look holds the files that are made of the shop's look: its colours and type
// as a style sheet, its mark to be used as a mask, its icon, and the pictures
// of its front page. A style that stood in the page would break the pages' own
// policy.
type look map[string]lookFile

type lookFile struct {
	kind    string
	body    []byte
	version string
}

// The names of the hero's pictures, here and among the product's own.
const (
	heroBefore = "hero-before.jpg"
	heroAfter  = "hero-after.jpg"
)

const svgKind = "image/svg+xml"

func newLook(l shop.Look, h *shop.Hero) look {
	files := look{}
	add := func(name, kind, body string) {
		sum := sha256.Sum256([]byte(body))
		files[name] = lookFile{kind, []byte(body), hex.EncodeToString(sum[:6])}
	}
	if h != nil {
		add(heroBefore, "image/jpeg", string(h.Before.Data))
		add(heroAfter, "image/jpeg", string(h.After.Data))
	}
	if l.Mark != "" {
		add("mark.svg", svgKind, svg(l.Mark))
		add("icon.svg", svgKind, svg(icon(l)))
	}
	add("look.css", "text/css; charset=utf-8", sheet(l, files.at("mark.svg")))
	return files
}

// at is the address of a file with its version; empty without the file.
func (l look) at(name string) string {
	f, ok := l[name]
	if !ok {
		return ""
	}
	return "/look/" + name + "?v=" + f.version
}

func svg(inside string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">` + inside + `</svg>`
}

// icon is the mark in its own colour on a dark field, for the browser's tabs.
func icon(l shop.Look) string {
	p := l.Palette(true)
	return fmt.Sprintf(`<rect width="32" height="32" rx="7" fill="%s"/><g fill="%s" transform="translate(4.5 4.5) scale(.72)">%s</g>`, p.Ground, p.Text, l.Mark)
}

// sheet states the shop's tokens over those of tokens.css, light and dark.
func sheet(l shop.Look, mark string) string {
	light, dark := l.Palette(false), l.Palette(true)
	var b strings.Builder
	b.WriteString(":root{")
	for _, t := range []struct {
		name        string
		light, dark shop.Tone
	}{
		{"ground", light.Ground, dark.Ground}, {"raised", light.Raised, dark.Raised}, {"surround", light.Surround, dark.Surround},
		{"line", light.Line, dark.Line}, {"edge", light.Edge, dark.Edge}, {"ink", light.Ink, dark.Ink}, {"soft", light.Soft, dark.Soft},
		{"lamp", light.Mark, dark.Mark}, {"lamp-text", light.Text, dark.Text}, {"fill", light.Fill, dark.Fill}, {"fill-hover", light.Hover, dark.Hover},
		{"on-fill", light.OnFill, dark.OnFill},
	} {
		fmt.Fprintf(&b, "--%s:light-dark(%s,%s);", t.name, t.light, t.dark)
	}
	fmt.Fprintf(&b, "--display:%d;--flare:%d", l.Weight, l.Flare)
	if mark != "" {
		fmt.Fprintf(&b, ";--mark:url(%q)", mark)
	}
	b.WriteString("}\n")
	return b.String()
}

// lookRoutes serves the shop's look, and tells the pages of it.
func (s *Server) lookRoutes() {
	s.look = newLook(s.Shop.Look, s.Shop.Hero)
	s.shop = Shop{Name: s.Shop.Title, Languages: s.Shop.Languages, Look: s.look.at("look.css"), Icon: s.look.at("icon.svg"), Drawn: s.Shop.Look.Mark != "",
		Seller: s.Shop.Legal.Seller()}
	s.get("/look/{name}", s.lookFile)
}

// lookFile sends one of the files. With its version it may be kept for ever.
func (s *Server) lookFile(w http.ResponseWriter, r *http.Request) error {
	f, ok := s.look[r.PathValue("name")]
	if !ok {
		return errNoPage
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == f.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, err := w.Write(f.body)
	return err
}
