package onboard

import (
	"context"
	"errors"
	"image"
	"image/color"
	"runtime"
	"sync"
	"testing"
	"time"

	"safelight/internal/engine"
	"safelight/internal/engine/enginetest"
)

func TestWorkingMemoryHoldsWhateverThePicture(t *testing.T) {
	for _, mb := range []int{160, 320, 1000} {
		e := fresh(t, Config{MemoryMB: mb})
		for _, size := range []image.Point{{1, 1}, {1, 20000}, {20000, 1}, {700, 500}, {8000, 6000}, {20000, 20000}} {
			for _, name := range allNets() {
				for _, reduce := range []bool{false, true} {
					s := &pass{parts: []part{{net: mustNet(t, e, name)}}, reduce: reduce}
					g, err := e.grid(s, size.X, size.Y)
					if err != nil {
						t.Fatal(err)
					}
					p, err := s.parts[0].net.plan(g.th+2*s.margin(), g.tw+2*s.margin())
					if err != nil {
						t.Fatal(err)
					}
					if got := p.size * 4; got > (mb-surveyMemoryMB)<<20 {
						t.Errorf("%s of %v with %d MiB: a tile takes %d MiB", name, size, mb, got>>20)
					}
				}
			}
		}
	}
}

func TestSurveyKeepsWithinItsMemory(t *testing.T) {
	e := fresh(t, Config{})
	for _, name := range []string{qualityX2, noisy(qualityX1, 1)} {
		n := mustNet(t, e, name)
		p, err := n.plan(patchSide+2*n.pad, patchSide+2*n.pad)
		if err != nil {
			t.Fatal(err)
		}
		s := surveyor{net: n, plan: &p}
		for _, stop := range s.stops() {
			kept := 0
			for _, v := range s.needed(stop) {
				f := p.fields[v]
				kept += f.h * f.w * f.c * 4
			}
			if kept *= patchRows * patchRows; kept > surveyMemoryMB<<20 {
				t.Errorf("%s keeps %d MiB at step %d", name, kept>>20, stop)
			}
		}
	}
}

func mustNet(t *testing.T, e *Engine, name string) *net {
	t.Helper()
	n, err := e.library.net(name)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMemoryIsGivenBack(t *testing.T) {
	e := fresh(t, Config{})
	render(t, e, engine.Request{Model: engine.Fast, Image: enginetest.Photo(40, 40)})
	w := <-e.turn
	if w.slab != nil {
		t.Errorf("an idle engine keeps %d numbers", len(w.slab))
	}
}

// TestCancellationIsQuickInsideATile cancels while a large tile is computed by
// the slowest kernels.
func TestCancellationIsQuickInsideATile(t *testing.T) {
	e := fresh(t, Config{SIMD: "scalar"})
	ctx, cancel := context.WithCancel(t.Context())
	var since time.Time
	timer := time.AfterFunc(300*time.Millisecond, func() { since = time.Now(); cancel() })
	defer timer.Stop()
	_, err := e.Render(ctx, engine.Request{Operation: engine.Upscale, Scale: 2, Image: enginetest.Photo(300, 300)})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if late := time.Since(since); late > time.Second {
		t.Errorf("it took %v", late)
	}
}

// TestJobsAdvanceInTurn starts a large job, then a small one, which must not
// wait for the end of the large one.
func TestJobsAdvanceInTurn(t *testing.T) {
	e := fresh(t, Config{})
	e.side = 136
	var wait sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{})
	var once sync.Once
	wait.Go(func() {
		_, _ = e.Render(ctx, engine.Request{Operation: engine.Upscale, Scale: 4, Strength: 0, Model: engine.Fast, Image: enginetest.Photo(2000, 2000),
			Progress: func(int, int) { once.Do(func() { close(started) }) }})
	})
	<-started
	render(t, e, engine.Request{Model: engine.Fast, Image: enginetest.Photo(300, 100)})
	if ctx.Err() != nil {
		t.Error("the large job is over")
	}
	cancel()
	wait.Wait()
}

func TestConcurrentJobsGiveTheSamePictures(t *testing.T) {
	e := fresh(t, Config{})
	e.side = 136
	r := engine.Request{Model: engine.Fast, Image: enginetest.Photo(200, 120)}
	want := render(t, e, r).(*image.NRGBA)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			got, err := e.Render(t.Context(), engine.Request{Operation: engine.Upscale, Scale: 2, Model: engine.Fast, Image: r.Image})
			if err != nil {
				t.Error(err)
				return
			}
			if worst, _ := difference(want, got.Image.(*image.NRGBA)); worst != 0 {
				t.Errorf("jobs at the same time differ by %d", worst)
			}
		})
	}
	wait.Wait()
}

func TestWrongSettingsAreNamed(t *testing.T) {
	for _, c := range []Config{{Threads: -1}, {MemoryMB: 10}, {SIMD: "mmx"}} {
		if _, err := New(c); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
	if err := (Config{}).Validate(); err != nil {
		t.Error(err)
	}
	if got := (Config{}).filled(); got.Threads != runtime.GOMAXPROCS(0) {
		t.Errorf("got %d threads", got.Threads)
	}
}

func TestSixteenBitsStaySixteen(t *testing.T) {
	e := fresh(t, Config{})
	deep, plain := image.NewNRGBA64(image.Rect(0, 0, 24, 20)), image.NewGray16(image.Rect(0, 0, 24, 20))
	for y := range 20 {
		for x := range 24 {
			v := uint16(20000 + 37*x + 11*y) // a slope too gentle for 8 bits
			deep.SetNRGBA64(x, y, color.NRGBA64{v, v + 3000, v / 2, 65535})
			plain.SetGray16(x, y, color.Gray16{v})
		}
	}
	values := map[uint16]bool{}
	got := render(t, e, engine.Request{Model: engine.Fast, Strength: 0, Image: deep}).(*image.NRGBA64)
	for y := range 40 {
		for x := range 48 {
			values[got.NRGBA64At(x, y).R] = true
		}
	}
	if len(values) < 200 {
		t.Errorf("%d different values of red", len(values))
	}
	if _, ok := render(t, e, engine.Request{Model: engine.Fast, Image: plain}).(*image.Gray16); !ok {
		t.Error("a deep grey picture changed its kind")
	}
}

func TestEveryKindOfImageIsReadAlike(t *testing.T) {
	e := fresh(t, Config{})
	photo := enginetest.Photo(18, 12)
	want := render(t, e, engine.Request{Model: engine.Fast, Image: photo}).(*image.NRGBA)
	multiplied, deep, deepNRGBA := image.NewRGBA(photo.Rect), image.NewRGBA64(photo.Rect), image.NewNRGBA64(photo.Rect)
	for y := range 12 {
		for x := range 18 {
			multiplied.Set(x, y, photo.At(x, y))
			deep.Set(x, y, photo.At(x, y))
			deepNRGBA.Set(x, y, photo.At(x, y))
		}
	}
	for _, m := range []image.Image{multiplied, deep, deepNRGBA} {
		got := render(t, e, engine.Request{Model: engine.Fast, Image: m})
		for y := range 24 {
			for x := range 36 {
				a, b := want.NRGBAAt(x, y), color.NRGBAModel.Convert(got.At(x, y)).(color.NRGBA)
				if d := int(a.G) - int(b.G); d < -1 || d > 1 {
					t.Fatalf("%T: %v instead of %v at %d,%d", m, b, a, x, y)
				}
			}
		}
	}
}
