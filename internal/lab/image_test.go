package lab

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"safelight/internal/fault"
	"safelight/internal/picture"
)

func TestAnUploadBecomesAnImage(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		data := photo(t, 640, 480)
		i, err := b.Take(t.Context(), ana, `..\..\C:\фото "1".JPEG`, bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		if i.Width != 640 || i.Height != 480 || i.Format != picture.JPEG || i.Bytes != int64(len(data)) || i.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("image is %+v", i)
		}
		if i.Name != "фото -1-.jpg" || i.Expires.Sub(i.Created) != 72*time.Hour {
			t.Errorf("name %q, kept for %v", i.Name, i.Expires.Sub(i.Created))
		}
		if whole, c := b.content(i, File); !bytes.Equal(whole, data) || c.MediaType != "image/jpeg" || c.Size != int64(len(data)) {
			t.Errorf("the file is another one: %+v", c)
		}
		small, c := b.content(i, Thumbnail)
		info, err := picture.Probe(small, picture.DefaultLimits())
		if err != nil || info.Width != ThumbnailSide || c.MediaType != "image/jpeg" || c.Name != "фото -1--thumbnail.jpg" {
			t.Errorf("thumbnail %+v, %+v, %v", info, c, err)
		}
		if got, err := b.image(ana, i.ID); err != nil || got != i {
			t.Errorf("found %+v, %v\nwant  %+v", got, err, i)
		}
		if n := len(b.stored()); n != 3 {
			t.Errorf("%d files in the storage, want 3", n)
		}
	})
}

func TestHostileUploadsAreRefusedAndLeaveNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		whole := photo(t, 100, 100)
		for name, c := range map[string]struct {
			body io.Reader
			want error
		}{
			"nothing":             {strings.NewReader(""), picture.ErrEmpty},
			"a page":              {strings.NewReader("<!doctype html><script>alert(1)</script>"), picture.ErrUnsupported},
			"an SVG":              {strings.NewReader("<svg xmlns='http://www.w3.org/2000/svg'/>"), picture.ErrUnsupported},
			"noise":               {strings.NewReader(strings.Repeat("noise", 100)), picture.ErrUnrecognised},
			"half a photo":        {bytes.NewReader(whole[:len(whole)/2]), picture.ErrDamaged},
			"too many bytes":      {io.LimitReader(zeros{}, 1<<40), ErrTooLarge},
			"too many pixels":     {bytes.NewReader(photo(t, 4000, 1100)), picture.ErrTooManyPixels},
			"too long":            {bytes.NewReader(photo(t, 4001, 1)), picture.ErrTooLongSide},
			"a line that is cut":  {iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(whole))), ErrBrokenOff},
			"a transport's limit": {iotest.ErrReader(fault.TooLarge), fault.TooLarge},
		} {
			if _, err := b.Take(t.Context(), ana, name, c.body); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if left := b.stored(); len(left) != 0 {
			t.Errorf("left in the storage: %v", left)
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestNoPlaceOrOwnerOfAPhotoIsKept(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 10)
		i := b.takes(ana, located(t))
		if i.Width != 16 || i.Height != 24 {
			t.Errorf("%dx%d: the photo was not turned upright", i.Width, i.Height)
		}
		for _, f := range []picture.Format{picture.WebP, picture.AVIF} { // they compile at their first use, slowly on a busy machine
			if _, err := encoded(t.Context(), scene(8, 8), f); err != nil {
				t.Fatal(err)
			}
		}
		b.work()
		for _, f := range []string{"jpeg", "png", "webp", "avif"} {
			if j := b.ended(b.start(ana, i, Wish{Operation: engineUpscale, Scale: 2, Model: "fast", Format: f})); j.Status != Success {
				t.Fatalf("%s: %+v", f, j)
			}
		}
		for _, key := range b.stored() {
			r, _, err := b.Blobs.Open(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			data, _ := io.ReadAll(r)
			_ = r.Close()
			for _, word := range []string{marker, "GPS", "Ana", "0042"} {
				if bytes.Contains(data, []byte(word)) {
					t.Errorf("%s holds %q", key, word)
				}
			}
		}
	})
}

func TestAnImageGoesWhenItsTimeIsOver(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.grant(ana, 2)
		idle, busy := b.take(ana), b.take(ana)
		j := b.start(ana, busy, upscale)
		b.advance(72 * time.Hour)
		if _, err := b.image(ana, idle.ID); !errors.Is(err, ErrNoImage) {
			t.Errorf("it is still there: %v", err)
		}
		if err := b.Expire(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(b.stored()); n != 3 {
			t.Errorf("%d files, want the three of the image that a job waits for", n)
		}
		b.work()
		if j = b.ended(j); j.Status != Success {
			t.Fatalf("the job on it: %+v", j)
		}
		b.advance(7 * 24 * time.Hour)
		if err := b.Expire(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := b.stored(); len(left) != 0 {
			t.Errorf("left in the storage: %v", left)
		}
	})
}

func TestFilesThatACrashLeftAreSwept(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		files := []file{{key: "image/a", content: strings.NewReader("a"), size: 1}, {key: "image/b", content: strings.NewReader("b"), size: 1}}
		if err := b.put(t.Context(), files); err != nil { // and the process ends here
			t.Fatal(err)
		}
		if err := b.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(b.stored()); n != 2 {
			t.Errorf("%d files while they may still be owned, want 2", n)
		}
		b.advance(intention)
		if err := b.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := b.stored(); len(left) != 0 {
			t.Errorf("left in the storage: %v", left)
		}
	})
}

// The sweep and an owner that comes late never both have a file.
func TestAnOwnedFileIsNeverSwept(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		late := []file{{key: "image/late", content: strings.NewReader("a"), size: 1}}
		owned := []file{{key: "image/owned", content: strings.NewReader("a"), size: 1}}
		for _, files := range [][]file{late, owned} {
			if err := b.put(t.Context(), files); err != nil {
				t.Fatal(err)
			}
		}
		b.do(func(tx txn) error { return own(t.Context(), tx, keysOf(owned)) })
		b.advance(intention)
		if err := b.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.discard(t.Context(), owned) // as after a commit whose answer was lost
		if got := b.stored(); len(got) != 1 || got[0] != "image/owned" {
			t.Errorf("the storage holds %v", got)
		}
		if err := b.DB.InTx(t.Context(), func(tx txn) error { return own(t.Context(), tx, keysOf(late)) }); !errors.Is(err, errSwept) {
			t.Errorf("a swept file was owned: %v", err)
		}
	})
}

func TestAnImageByAddress(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/a/cat.jpg":
				_, _ = w.Write(photo(t, 8, 8))
			case "/endless":
				_, _ = io.Copy(w, zeros{})
			default:
				http.NotFound(w, r)
			}
		}))
		defer site.Close()
		if _, err := b.TakeURL(t.Context(), ana, site.URL+"/a/cat.jpg"); !errors.Is(err, ErrFetch) {
			t.Errorf("without a client: %v", err)
		}
		b.Fetch = site.Client()
		if i, err := b.TakeURL(t.Context(), ana, site.URL+"/a/cat.jpg"); err != nil || i.Name != "cat.jpg" {
			t.Errorf("%+v, %v", i, err)
		}
		for address, want := range map[string]error{"/endless": ErrTooLarge, "/none": ErrFetch} {
			if _, err := b.TakeURL(t.Context(), ana, site.URL+address); !errors.Is(err, want) {
				t.Errorf("%s: %v", address, err)
			}
		}
		for _, address := range []string{"", "cat.jpg", "file:///etc/passwd", "http://\x00", "gopher://x"} {
			if _, err := b.TakeURL(t.Context(), ana, address); !errors.Is(err, ErrFetch) {
				t.Errorf("%q: %v", address, err)
			}
		}
	})
}

func TestAnAccountsPicturesHaveOnlySoMuchRoom(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		data := photo(t, 64, 48)
		b.Limits.MaxStoredBytes = int64(2 * len(data))
		b.takes(ana, data)
		second := b.takes(ana, data)
		if _, err := b.Take(t.Context(), ana, "third.jpg", bytes.NewReader(data)); !errors.Is(err, ErrFull) {
			t.Errorf("a third one: %v", err)
		}
		b.takes(boris, data)
		if err := b.Delete(t.Context(), ana, second.ID); err != nil {
			t.Fatal(err)
		}
		b.takes(ana, data)
	})
}
