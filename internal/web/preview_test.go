package web

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"safelight/internal/i18n"
)

var (
	previewAddr = flag.String("preview", "", "serve the sample pages at this address until interrupted")
	shots       = flag.String("shots", "", "write a picture of each sample page into this folder")
	shotLang    = flag.String("lang", "en", "the language of the pictures")
	shotWide    = flag.Int64("wide", 1280, "the width of the wide pictures")
	only        = flag.String("page", "", "only the sample pages whose name starts like this")
)

// previewHandler serves every sample at /LANG/THEME/NAME, under the headers
// that the site itself sets.
func previewHandler() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/static/", Static())
	for _, l := range i18n.Languages {
		for _, theme := range []string{"dark", "light"} {
			for _, s := range samples(l, theme) {
				mux.HandleFunc("GET /"+string(l)+"/"+theme+"/"+s.name, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
					if err := s.page.Render(r.Context(), w); err != nil {
						panic(err)
					}
				})
			}
		}
	}
	return mux
}

// TestPreview serves the samples for a look at them:
//
//	go test ./internal/web -run Preview -timeout 0 -preview 127.0.0.1:8099
func TestPreview(t *testing.T) {
	if *previewAddr == "" {
		t.Skip("no -preview address")
	}
	t.Logf("http://%s/en/dark/landing", *previewAddr)
	if err := http.ListenAndServe(*previewAddr, wrapped(t, *previewAddr, previewHandler())); !errors.Is(err, http.ErrServerClosed) { //nolint:gosec // a preview for the person who started it
		t.Fatal(err)
	}
}

// TestShots writes pictures of all samples: go test ./internal/web -run Shots -shots DIR
func TestShots(t *testing.T) {
	if *shots == "" {
		t.Skip("no -shots folder")
	}
	if err := os.MkdirAll(*shots, 0o755); err != nil {
		t.Fatal(err)
	}
	b := browse(t)
	for _, theme := range []string{"dark", "light"} {
		for _, s := range samples(i18n.Lang(*shotLang), theme) {
			if !strings.HasPrefix(s.name, *only) {
				continue
			}
			for _, width := range []int64{*shotWide, 390} {
				b.shoot(t, filepath.Join(*shots, s.name+"-"+theme+"-"+map[int64]string{*shotWide: "wide", 390: "phone"}[width]+".png"), "/"+*shotLang+"/"+theme+"/"+s.name, width)
			}
		}
	}
}

func (b browser) shoot(t *testing.T, file, path string, width int64) {
	t.Helper()
	var png []byte
	err := chromedp.Run(b.ctx, size(width, 800), chromedp.Navigate(b.url+path), still(), chromedp.FullScreenshot(&png, 100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o600); err != nil {
		t.Fatal(err)
	}
}

func size(width, height int64) chromedp.Action {
	return emulation.SetDeviceMetricsOverride(width, height, 1, width < 500)
}

// still waits until the fonts are there.
func still() chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		return chromedp.Evaluate(`document.fonts.ready.then(() => true)`, nil, chromedp.EvalAsValue, awaited).Do(ctx)
	})
}
