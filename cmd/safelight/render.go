package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"safelight/internal/i18n"
	"safelight/internal/obs"
	"safelight/internal/policy"
)

type policyRenderCmd struct {
	Lang string `help:"The reader's language; without it, the shop's first." enum:"en,es,ru," default:""`
	Out  string `help:"The folder to write to." required:"" placeholder:"DIR" type:"path"`
}

// Run serves the shop to itself, on a database that is thrown away, and keeps
// the pages of its policies with what they need to be looked at.
func (c policyRenderCmd) Run(ctx context.Context, s streams, set *settings) error {
	if _, err := readPolicies(s, set.Shop); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "safelight-render-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	own := *set
	own.Data, own.Database, own.Blobs = dir, "", ""
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	base, lang, err := serveSelf(ctx, &own, c.Lang)
	if err != nil {
		return err
	}
	r := renderer{base: base, lang: lang, out: c.Out, have: map[string]bool{}}
	for _, name := range policy.Names {
		if err := r.page(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintln(s.out, filepath.Join(c.Out, name+".html"))
	}
	return nil
}

// serveSelf serves the shop on a port of this machine until ctx ends.
func serveSelf(ctx context.Context, set *settings, lang string) (base, reader string, err error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	base = "http://" + l.Addr().String()
	work := workSettings{Renders: 1, MemoryMB: 256}
	a, err := assemble(ctx, set, work, base, "", obs.NewLog(io.Discard, obs.Config{}))
	if err != nil {
		return "", "", err
	}
	context.AfterFunc(ctx, a.end)
	front := &transports{}
	metrics := obs.NewMetrics()
	site, err := (&serveCmd{}).site(a, base, metrics, front)
	if err != nil {
		return "", "", err
	}
	bench, _, err := a.workshop(work, false)
	if err != nil {
		return "", "", err
	}
	go func() { _ = site.Run(ctx, l, a.routes(site, bench, front, "")) }()
	if lang == "" {
		lang = string(a.shop.Languages[0])
	}
	if !a.shop.Speaks(i18n.Lang(lang)) {
		return "", "", usage{fmt.Errorf("--lang %s: the shop is not written in it", lang)}
	}
	return base, lang, nil
}

// renderer keeps pages and what they refer to.
type renderer struct {
	base, lang, out string
	have            map[string]bool
}

var (
	needed   = regexp.MustCompile(`(href|src)="/((?:static|look)/[^"?#]+)(\?[^"]*)?"`)
	inSheet  = regexp.MustCompile(`url\(["']?([^"')?#]+)(\?[^"')]*)?["']?\)`)
	siblings = regexp.MustCompile(`href="/(refund|privacy|terms)(#[^"]*)?"`)
)

func (r *renderer) get(ctx context.Context, address string) ([]byte, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/"+address, nil)
	if err != nil {
		return nil, err
	}
	q.Header.Set("Accept-Language", r.lang)
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, errors.New(answer.Status)
	}
	return io.ReadAll(answer.Body)
}

func (r *renderer) page(ctx context.Context, name string) error {
	data, err := r.get(ctx, name)
	if err != nil {
		return err
	}
	text := string(data)
	for _, m := range needed.FindAllStringSubmatch(text, -1) {
		if err := r.file(ctx, m[2]); err != nil {
			return fmt.Errorf("%s: %w", m[2], err)
		}
	}
	text = needed.ReplaceAllString(text, `$1="$2"`)
	text = siblings.ReplaceAllString(text, `href="$1.html$2"`)
	return r.write(name+".html", []byte(text))
}

// file keeps a style sheet, a script, a font or a picture.
func (r *renderer) file(ctx context.Context, name string) error {
	if r.have[name] {
		return nil
	}
	r.have[name] = true
	data, err := r.get(ctx, name)
	if err != nil {
		return err
	}
	if strings.HasSuffix(name, ".css") {
		for _, m := range inSheet.FindAllStringSubmatch(string(data), -1) {
			if strings.HasPrefix(m[1], "data:") {
				continue
			}
			other := path.Join(path.Dir(name), m[1])
			if strings.HasPrefix(m[1], "/") {
				other = strings.TrimPrefix(m[1], "/")
			}
			if err := r.file(ctx, other); err != nil {
				return fmt.Errorf("%s: %w", other, err)
			}
		}
	}
	return r.write(name, data)
}

func (r *renderer) write(name string, data []byte) error {
	file := filepath.Join(r.out, filepath.FromSlash(path.Clean("/"+name)))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644) //nolint:gosec // pages to be shown to everybody
}
