package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"safelight/internal/obs"
	"safelight/internal/serve"
)

// A browser is a real one, with the sample pages served to it.
type browser struct {
	ctx context.Context
	url string
}

func browse(t *testing.T) browser { t.Helper(); return browseAt(t, previewHandler()) }

func browseAt(t *testing.T, pages http.Handler) browser {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = wrapped(t, server.Listener.Addr().String(), pages)
	server.Start()
	t.Cleanup(server.Close)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, quit := chromedp.NewContext(alloc)
	t.Cleanup(quit)
	ctx, late := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(late)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return browser{ctx, server.URL}
}

func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// wrapped puts the site's own headers and checks around the pages.
func wrapped(t *testing.T, addr string, pages http.Handler) http.Handler {
	t.Helper()
	site, err := serve.New(serve.Config{BaseURL: "http://" + addr, MaxBody: 64 << 20}, slog.New(slog.DiscardHandler), obs.NewMetrics(), serve.ProblemJSON)
	if err != nil {
		t.Fatal(err)
	}
	return site.Wrap(pages)
}
