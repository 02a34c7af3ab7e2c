package lab

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"safelight/internal/account"
	"safelight/internal/blob"
	"safelight/internal/blob/disk"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/db/dbtest"
	"safelight/internal/engine"
	"safelight/internal/fault"
	"safelight/internal/ledger"
	"safelight/internal/picture"
	"safelight/internal/queue"
	"safelight/internal/queue/queuetest"
	"safelight/internal/shop"
)

// proofEngine doubles each pixel at once, unless the test has it wait, fail or
// refuse. It is an engine of these tests alone; the real one has its own.
type proofEngine struct {
	mu      sync.Mutex
	err     error         // what it answers instead
	hold    chan struct{} // it is half done until this is closed
	reached chan struct{} // gets one whenever it is half done
	renders int
}

func newProof() *proofEngine { return &proofEngine{reached: make(chan struct{}, 100)} }

func (e *proofEngine) Name() string { return "proof" }

func (e *proofEngine) Supports(op engine.Operation) bool {
	return op == engine.Upscale || op == engine.Denoise || op == engine.Restore
}

func (e *proofEngine) set(err error, hold chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err, e.hold = err, hold
}

func (e *proofEngine) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.renders
}

func (e *proofEngine) Render(ctx context.Context, r engine.Request) (engine.Result, error) {
	e.mu.Lock()
	err, hold := e.err, e.hold
	e.renders++
	e.mu.Unlock()
	r.Progress(1, 2)
	e.reached <- struct{}{}
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return engine.Result{}, ctx.Err()
		}
	}
	if err != nil {
		return engine.Result{}, err
	}
	b := r.Image.Bounds()
	w, h := r.Output(b.Dx(), b.Dy())
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.Set(x, y, r.Image.At(b.Min.X+x*b.Dx()/w, b.Min.Y+y*b.Dy()/h))
		}
	}
	r.Progress(2, 2)
	return engine.Result{Image: out, Engine: "proof", Model: "proof/1"}, nil
}

// A bench is a lab with people and credits.
type bench struct {
	*Lab
	t     testing.TB
	proof *proofEngine
}

const (
	ana   account.ID = "acc_ana"
	boris account.ID = "acc_boris"
)

func newBench(t testing.TB, d *db.DB, engines ...Offer) *bench {
	t.Helper()
	store, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	s, err := shop.Load("../../shops/opendream")
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Load(s)
	if err != nil {
		t.Fatal(err)
	}
	proof := newProof()
	if len(engines) == 0 {
		engines = []Offer{{Engine: proof}}
	}
	limits := s.Lab
	limits.MaxBytes, limits.MaxPixels, limits.MaxSide, limits.MaxOutputPixels = 4_000_000, 4_000_000, 4000, 16_000_000
	l, err := New(Config{DB: d, Blobs: store, Catalog: c, Limits: limits, Engines: engines, Budget: picture.NewBudget(512 << 20),
		Spool: t.TempDir(), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{Lab: l, t: t, proof: proof}
}

// work does the lab's jobs until the test ends.
func (b *bench) work() *queue.Queue {
	return queuetest.Start(b.t, b.DB, b.Register, RenderQueue)
}

func (b *bench) grant(who account.ID, credits int64) {
	b.t.Helper()
	b.do(func(tx *db.Tx) error {
		_, err := ledger.Issue(b.t.Context(), tx, ledger.Cause{Owner: ledger.Owner(who), Key: "grant"}, ledger.Grant{Class: ledger.Goodwill, Credits: credits})
		return err
	})
}

func (b *bench) do(f func(tx *db.Tx) error) {
	b.t.Helper()
	if err := b.DB.InTx(b.t.Context(), f); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) balance(who account.ID) ledger.Balance {
	b.t.Helper()
	v, err := db.Ask(b.t.Context(), b.DB, func(tx *db.Tx) (ledger.Balance, error) {
		return ledger.BalanceOf(b.t.Context(), tx, ledger.Owner(who))
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

func (b *bench) wantBalance(who account.ID, spendable, held int64) {
	b.t.Helper()
	if got := b.balance(who); got.Spendable != spendable || got.Held != held {
		b.t.Errorf("%s has %d and %d held, want %d and %d", who, got.Spendable, got.Held, spendable, held)
	}
	if _, err := ledger.Verify(b.t.Context(), b.DB); err != nil {
		b.t.Errorf("the ledger: %v", err)
	}
}

func (b *bench) take(who account.ID) Image {
	b.t.Helper()
	return b.takes(who, photo(b.t, 24, 16))
}

func (b *bench) takes(who account.ID, data []byte) Image {
	b.t.Helper()
	i, err := b.Take(b.t.Context(), who, "photo.jpg", bytes.NewReader(data))
	if err != nil {
		b.t.Fatal(err)
	}
	return i
}

var upscale = Wish{Operation: engine.Upscale, Scale: 2, Model: engine.Fast}

func (b *bench) starts(who account.ID, r Request) (Job, error) {
	return db.Do(b.t.Context(), b.DB, func(tx *db.Tx) (Job, error) { return b.Start(b.t.Context(), tx, who, r) })
}

func (b *bench) start(who account.ID, i Image, w Wish) Job {
	b.t.Helper()
	j, err := b.starts(who, Request{Image: i.ID, Wish: w})
	if err != nil {
		b.t.Fatal(err)
	}
	return j
}

func (b *bench) job(j Job) Job {
	b.t.Helper()
	j, err := db.Ask(b.t.Context(), b.DB, func(tx *db.Tx) (Job, error) { return b.FindJob(b.t.Context(), tx, j.Account, j.ID) })
	if err != nil {
		b.t.Fatal(err)
	}
	return j
}

func (b *bench) image(who account.ID, id ImageID) (Image, error) {
	return db.Ask(b.t.Context(), b.DB, func(tx *db.Tx) (Image, error) { return b.Find(b.t.Context(), tx, who, id) })
}

func (b *bench) cancels(j Job) (Job, error) {
	return db.Do(b.t.Context(), b.DB, func(tx *db.Tx) (Job, error) { return b.Cancel(b.t.Context(), tx, j.Account, j.ID) })
}

// ended waits until the job has.
func (b *bench) ended(j Job) Job {
	b.t.Helper()
	queuetest.Await(b.t, func() bool { return b.job(j).Status.Ended() }, func() any { return b.job(j) })
	return b.job(j)
}

// stored lists the storage.
func (b *bench) stored() (all []string) {
	b.t.Helper()
	for info, err := range b.Blobs.List(b.t.Context(), "") {
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, info.Key)
	}
	slices.Sort(all)
	return all
}

func (b *bench) content(i Image, r Rendition) ([]byte, Content) {
	b.t.Helper()
	rc, c, err := b.Open(b.t.Context(), i, r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = rc.Close() }()
	data, err := io.ReadAll(rc)
	if err != nil {
		b.t.Fatal(err)
	}
	return data, c
}

func (b *bench) advance(d time.Duration) { dbtest.Clock(b.DB).Advance(d) }

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	queuetest.Run(t, func(t *testing.T, d *db.DB) { test(t, newBench(t, d)) })
}

func scene(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.NRGBA{uint8(x * 255 / w), uint8(y * 255 / h), uint8((x ^ y) * 4), 255})
		}
	}
	return m
}

func photo(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, scene(w, h), &jpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func drawing(t testing.TB, w, h int) []byte {
	t.Helper()
	m := scene(w, h)
	m.Set(0, 0, color.NRGBA{})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// located is a photo with a place, an owner and a serial number in it.
func located(t testing.TB) []byte {
	t.Helper()
	plain := photo(t, 24, 16)
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00" + marker
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(append(bytes.Clone(plain[:2]), segment...), plain[2:]...), marker...)
}

const marker = "GPS 19.4326 -99.1332 owner Ana serial 0042"

func is(t *testing.T, err error, want error, field string) {
	t.Helper()
	f := fault.Of(err)
	if err == nil || !f.Is(want) || f.Field != field {
		t.Errorf("got %v on %q, want %v on %q", err, f.Field, want, field)
	}
}

var _ blob.Store = (*disk.Store)(nil)
