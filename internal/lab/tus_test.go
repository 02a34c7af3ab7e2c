package lab

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"safelight/internal/account"
	"safelight/internal/blob"
	"safelight/internal/fault"
	"safelight/internal/queue/queuetest"
)

// door is the handler behind a server, where the header User says who comes.
type door struct {
	t   *testing.T
	url string
}

func newDoor(t *testing.T, b *bench) door {
	t.Helper()
	gate := Gate{Base: "/api/v1/uploads/", Path: "/api/v1/uploads/",
		Who: func(r *http.Request) (account.ID, error) {
			if r.Header.Get("User") == "" {
				return "", fault.Unauthenticated
			}
			return account.ID(r.Header.Get("User")), nil
		},
		Fail: func(w http.ResponseWriter, _ *http.Request, err error) {
			f := fault.Of(err)
			status := map[fault.Kind]int{fault.Invalid: 422, fault.Malformed: 400, fault.Unauthenticated: 401, fault.NotFound: 404,
				fault.Conflict: 409, fault.TooLarge: 413, fault.Unsupported: 415, fault.RateLimited: 429, fault.Unavailable: 503}[f.Kind]
			if status == 0 {
				t.Logf("our fault: %v", err)
				status = 500
			}
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, `{"code":%q}`, f.Code)
		}}
	h, err := b.Uploads(gate)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/api/v1/uploads/", h)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return door{t, s.URL}
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (d door) send(who account.ID, method, path string, body io.Reader, header ...string) reply {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, body)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Tus-Resumable", "1.0.0")
	r.Header.Set("User", string(who))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return reply{status: -1, body: err.Error()}
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(text)}
}

func (d door) create(who account.ID, size int) string {
	d.t.Helper()
	a := d.send(who, "POST", "/api/v1/uploads/", nil, "Upload-Length", fmt.Sprint(size),
		"Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte("../cat.jpg"))+",secret "+base64.StdEncoding.EncodeToString([]byte("x")))
	if a.status != http.StatusCreated {
		d.t.Fatalf("create: %+v", a)
	}
	at := a.header.Get("Location")
	return at[strings.Index(at, "/api/"):]
}

func (d door) patch(who account.ID, at string, offset int, body io.Reader) reply {
	d.t.Helper()
	return d.send(who, "PATCH", at, body, "Upload-Offset", fmt.Sprint(offset), "Content-Type", "application/offset+octet-stream")
}

func TestAnUploadThatBreaksOffGoesOnWhereItWas(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d, data := newDoor(t, b), photo(t, 900, 700)
		at := d.create(ana, len(data))
		half := len(data) / 2
		if a := d.patch(ana, at, 0, iotest.TimeoutReader(io.MultiReader(bytes.NewReader(data[:half]), iotest.ErrReader(errors.New("cut"))))); a.status == 204 {
			t.Fatalf("a broken body was taken: %+v", a)
		}
		var got int
		queuetest.Await(t, func() bool { // the server keeps what came before the cut
			a := d.send(ana, "HEAD", at, nil)
			_, err := fmt.Sscan(a.header.Get("Upload-Offset"), &got)
			return err == nil && got > 0 && a.header.Get("Upload-Length") == fmt.Sprint(len(data))
		}, func() any { return got })
		if a := d.patch(ana, at, got+1, bytes.NewReader(data[got:])); a.status != 409 || !strings.Contains(a.body, "lab.upload_moved") {
			t.Errorf("a gap: %+v", a)
		}
		another := newDoor(t, b) // another process goes on with it
		a := another.patch(ana, at, got, bytes.NewReader(data[got:]))
		if a.status != 204 || a.header.Get("Upload-Offset") != fmt.Sprint(len(data)) {
			t.Fatalf("the rest: %+v", a)
		}
		i, err := b.image(ana, ImageID(a.header.Get(UploadImageHeader)))
		if err != nil || i.Name != "cat.jpg" || i.Bytes != int64(len(data)) {
			t.Fatalf("the image: %+v, %v", i, err)
		}
		if whole, _ := b.content(i, File); !bytes.Equal(whole, data) {
			t.Error("the file is another one")
		}
		if n := len(b.stored()); n != 3 {
			t.Errorf("%d files in the storage, want the image's three", n)
		}
	})
}

func TestHostileUploadRequestsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := newDoor(t, b)
		at := d.create(ana, 100)
		path := "/api/v1/uploads/"
		create := func(header ...string) reply { return d.send(ana, "POST", path, nil, header...) }
		for what, c := range map[string]struct {
			got  reply
			want int
		}{
			"nobody":               {d.send("", "HEAD", at, nil), 401},
			"another's":            {d.send(boris, "HEAD", at, nil), 404},
			"another's, writing":   {d.patch(boris, at, 0, strings.NewReader("x")), 404},
			"another's, deleting":  {d.send(boris, "DELETE", at, nil), 404},
			"a NUL in the id":      {d.send(ana, "HEAD", path+"a%00b", nil), 404},
			"a path for an id":     {d.send(ana, "HEAD", path+"..%2f..%2fetc%2fpasswd", nil), 404},
			"a long id":            {d.send(ana, "HEAD", path+strings.Repeat("a", 3000), nil), 404},
			"an unknown id":        {d.patch(ana, path+"upl_unknown", 0, strings.NewReader("x")), 404},
			"18 digits":            {create("Upload-Length", "999999999999999999"), 413},
			"no length":            {create(), 400},
			"a negative length":    {create("Upload-Length", "-1"), 400},
			"a length to come":     {create("Upload-Defer-Length", "1"), 501},
			"nothing at all":       {create("Upload-Length", "0"), 422},
			"joining":              {create("Upload-Concat", "final;"+at), 400},
			"reading it back":      {d.send(ana, "GET", at, nil), 405},
			"more than was said":   {d.patch(ana, at, 0, bytes.NewReader(make([]byte, 200))), 413},
			"a negative offset":    {d.patch(ana, at, -1, strings.NewReader("x")), 400},
			"another version":      {d.send(ana, "HEAD", at, nil, "Tus-Resumable", "9"), 200},
			"a method in a header": {d.send(ana, "POST", at, nil, "X-HTTP-Method-Override", "DELETE"), 405},
		} {
			ok := c.got.status == c.want || what == "a length to come" && c.got.status == 400
			if !ok {
				t.Errorf("%s: %d %s, want %d", what, c.got.status, c.got.body, c.want)
			}
		}
		for range maxUploads {
			create("Upload-Length", "10")
		}
		if a := create("Upload-Length", "10"); a.status != 429 {
			t.Errorf("too many: %+v", a)
		}
	})
}

func TestARefusedUploadSaysWhyAndLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := newDoor(t, b)
		text := "<svg xmlns='http://www.w3.org/2000/svg'/>"
		at := d.create(ana, len(text))
		if a := d.patch(ana, at, 0, strings.NewReader(text)); a.status != 415 || !strings.Contains(a.body, "picture.unsupported") {
			t.Errorf("refused with %+v", a)
		}
		if a := d.send(ana, "HEAD", at, nil); a.status != 404 {
			t.Errorf("it is still there: %+v", a)
		}
		gone := d.create(ana, 100)
		d.patch(ana, gone, 0, strings.NewReader("abc"))
		if a := d.send(ana, "DELETE", gone, nil); a.status != 204 {
			t.Errorf("delete: %+v", a)
		}
		old := d.create(ana, 100)
		d.patch(ana, old, 0, strings.NewReader("abc"))
		b.advance(keepUpload)
		if a := d.send(ana, "HEAD", old, nil); a.status != 404 {
			t.Errorf("an old one: %+v", a)
		}
		if err := b.Expire(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := b.stored(); len(left) != 0 {
			t.Errorf("left in the storage: %v", left)
		}
	})
}

// full is a storage that refuses images while it is on.
type full struct {
	blob.Store
	on bool
}

func (f *full) Put(ctx context.Context, key string, r io.Reader, size int64, kind string) error {
	if f.on && strings.HasPrefix(key, "image/") {
		return blob.ErrUnavailable
	}
	return f.Store.Put(ctx, key, r, size, kind)
}

func TestAnUploadThatCouldNotBeTakenIsSentAgain(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		storage := &full{Store: b.Blobs, on: true}
		b.Blobs = storage
		d, data := newDoor(t, b), photo(t, 100, 100)
		at := d.create(ana, len(data))
		if a := d.patch(ana, at, 0, bytes.NewReader(data)); a.status != 503 {
			t.Errorf("on a full disk: %+v", a)
		}
		storage.on = false
		if a := d.send(ana, "HEAD", at, nil); a.header.Get("Upload-Offset") != "0" {
			t.Errorf("where: %+v", a)
		}
		if a := d.patch(ana, at, 0, bytes.NewReader(data)); a.status != 204 || a.header.Get(UploadImageHeader) == "" {
			t.Errorf("again: %+v", a)
		}
	})
}

// The process ends after the last piece, before the image is made.
func TestAnUploadThatACrashCutIsTakenLater(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx, data := t.Context(), photo(t, 50, 50)
		u := upload{id: "upl_x", who: ana, name: "cat.", bytes: int64(len(data))}
		b.do(func(tx txn) error { return beginUpload(ctx, tx, u) })
		a := &arriving{&arrivals{b.Lab}, u}
		if err := a.add(ctx, part{bytes: u.bytes, blob: "upload/x"}, data); err != nil {
			t.Fatal(err)
		}
		b.advance(keepTaken + time.Second)
		for range 2 {
			if err := b.Expire(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.stored(); len(got) != 3 {
			t.Errorf("the storage holds %v", got)
		}
	})
}
