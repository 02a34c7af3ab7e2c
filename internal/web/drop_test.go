package web

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"golang.org/x/exp/slog"
)

// cutShort is a body whose connection is lost after some bytes.
type cutShort struct {
	io.ReadCloser
	left int
}

func (c *cutShort) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.ReadCloser.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// uploads takes resumable uploads into a folder and loses the first connection
// half-way. It answers the last piece with the photo's id, as the lab does.
func uploads(t *testing.T, dir string, lost *atomic.Int32) http.Handler {
	t.Helper()
	composer := handler.NewStoreComposer()
	filestore.New(dir).UseIn(composer)
	h, err := handler.NewHandler(handler.Config{StoreComposer: composer, BasePath: "/uploads/", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		PreFinishResponseCallback: func(handler.HookEvent) (handler.HTTPResponse, error) {
			return handler.HTTPResponse{Header: handler.HTTPHeader{"Safelight-Image": "img9"}}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return http.StripPrefix("/uploads", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch && lost.Add(1) == 1 {
			r.Body = &cutShort{r.Body, 20_000}
			h.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // nobody is there to hear the answer
		}
		h.ServeHTTP(w, r)
	}))
}

func TestAPhotoArrivesWholeAlthoughItsConnectionWasLost(t *testing.T) {
	dir, photo := t.TempDir(), filepath.Join(t.TempDir(), "fig.jpg")
	data, err := os.ReadFile("static/hero-after.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(photo, data, 0o600); err != nil {
		t.Fatal(err)
	}
	var patches atomic.Int32
	mux := http.NewServeMux()
	mux.Handle("/", previewHandler())
	mux.Handle("/uploads", uploads(t, dir, &patches))
	mux.Handle("/uploads/", uploads(t, dir, &patches))
	mux.HandleFunc("/images/img9", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<p id="here">the photo's page</p>`)
	})
	b := browseAt(t, mux)
	err = chromedp.Run(b.ctx, chromedp.Navigate(b.url+"/en/dark/lab-empty"), still(),
		chromedp.SetUploadFiles("#files", []string{photo}), chromedp.WaitVisible("#here"))
	if err != nil {
		t.Fatal(err)
	}
	notes, err := filepath.Glob(filepath.Join(dir, "*.info"))
	if err != nil || len(notes) != 1 {
		t.Fatal(notes, err)
	}
	got, err := os.ReadFile(strings.TrimSuffix(notes[0], ".info"))
	if err != nil || !bytes.Equal(got, data) || patches.Load() < 2 {
		t.Errorf("%d of %d bytes in %d pieces, %v", len(got), len(data), patches.Load(), err)
	}
}

func TestAFileThatIsNoPictureIsRefusedBeforeItIsSent(t *testing.T) {
	note := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(note, []byte("not a picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := browse(t)
	var said string
	err := chromedp.Run(b.ctx, chromedp.Navigate(b.url+"/en/dark/lab-empty"), still(),
		chromedp.SetUploadFiles("#files", []string{note}), chromedp.Text(".uploads .wrong", &said))
	if err != nil {
		t.Fatal(err)
	}
	if said != "This is not a picture that we can read." {
		t.Error(said)
	}
}
