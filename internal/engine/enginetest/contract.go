package enginetest

import (
	"context"
	"errors"
	"image"
	"testing"
	"time"

	"safelight/internal/engine"
	"safelight/internal/fault"
)

// A Maker makes a fresh engine for one test.
type Maker func(t *testing.T) engine.Engine

var operations = []engine.Operation{engine.Upscale, engine.Denoise, engine.Restore, engine.Portrait, engine.Generate}

// Run proves that the engine keeps its contract and is faithful to the picture.
func Run(t *testing.T, fresh func(t *testing.T) engine.Engine) {
	Contract(t, fresh)
	Fidelity(t, fresh)
}

// Contract proves what holds for every engine: cancellation, progress, and clear
// errors for what it does not offer or nobody could do.
func Contract(t *testing.T, fresh Maker) {
	t.Run("the engine has a name", func(t *testing.T) {
		if fresh(t).Name() == "" {
			t.Error("no name")
		}
	})
	t.Run("an operation that is not offered is refused clearly", func(t *testing.T) { unsupported(t, fresh(t)) })
	t.Run("a request that cannot be is refused by its field", func(t *testing.T) { invalid(t, fresh(t)) })
	t.Run("cancelled before it begins", func(t *testing.T) { cancelledEarly(t, fresh(t)) })
	t.Run("cancelled midway", func(t *testing.T) { cancelledMidway(t, fresh(t)) })
	t.Run("progress only grows and completes", func(t *testing.T) { progress(t, fresh(t)) })
	t.Run("the result names who made it", func(t *testing.T) { named(t, fresh(t)) })
}

// request is a request for op that is sound for every engine offering it.
func request(op engine.Operation, img image.Image) engine.Request {
	return engine.Request{Key: "test:" + string(op), Operation: op, Scale: 2, Strength: engine.Auto, Model: engine.Fast, Image: img}
}

func unsupported(t *testing.T, e engine.Engine) {
	for _, op := range append(operations, "unheard-of", "") {
		if e.Supports(op) {
			continue
		}
		_, err := e.Render(t.Context(), request(op, Photo(8, 8)))
		if !errors.Is(err, engine.ErrUnsupported) {
			t.Errorf("%q: got %v, want ErrUnsupported", op, err)
		}
	}
}

func invalid(t *testing.T, e engine.Engine) {
	for _, op := range operations {
		if !e.Supports(op) || op == engine.Generate {
			continue
		}
		for field, r := range map[string]engine.Request{
			"image":    request(op, image.NewNRGBA(image.Rectangle{})),
			"strength": {Operation: op, Scale: 2, Strength: 2, Image: Photo(8, 8)},
		} {
			_, err := e.Render(t.Context(), r)
			if !errors.Is(err, engine.ErrInvalid) || fault.Of(err).Field != field {
				t.Errorf("%s with a wrong %s: got %v", op, field, err)
			}
		}
	}
}

func cancelledEarly(t *testing.T, e engine.Engine) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := e.Render(ctx, request(offered(t, e), Photo(16, 16)))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// cancelledMidway cancels at the first sign of progress and asks for an answer
// within a second. An engine that finishes in one step may finish.
func cancelledMidway(t *testing.T, e engine.Engine) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var since time.Time
	steps := 0
	r := request(offered(t, e), Photo(700, 700))
	r.Progress = func(int, int) {
		if steps++; steps == 1 {
			since = time.Now()
			cancel()
		}
	}
	_, err := e.Render(ctx, r)
	if err == nil && steps > 1 {
		t.Fatal("it went on to the end")
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the context's error", err)
	}
	if late := time.Since(since); late > time.Second {
		t.Errorf("it answered %v after the cancellation", late)
	}
}

func progress(t *testing.T, e engine.Engine) {
	for _, op := range operations {
		if !e.Supports(op) {
			continue
		}
		last, all := 0, 0
		r := request(op, Photo(60, 40))
		r.Progress = func(done, total int) {
			if done <= last || done > total || all != 0 && total != all {
				t.Errorf("%s: %d of %d after %d of %d", op, done, total, last, all)
			}
			last, all = done, total
		}
		if _, err := e.Render(t.Context(), r); err != nil {
			t.Fatalf("%s: %v", op, err)
		}
		if last == 0 || last != all {
			t.Errorf("%s: ended at %d of %d", op, last, all)
		}
	}
}

func named(t *testing.T, e engine.Engine) {
	got, err := e.Render(t.Context(), request(offered(t, e), Photo(8, 8)))
	if err != nil {
		t.Fatal(err)
	}
	if got.Engine != e.Name() || got.Model == "" || got.Image == nil {
		t.Errorf("got engine %q, model %q, image %v", got.Engine, got.Model, got.Image != nil)
	}
}

// offered is the first operation that the engine offers.
func offered(t *testing.T, e engine.Engine) engine.Operation {
	t.Helper()
	for _, op := range operations {
		if e.Supports(op) {
			return op
		}
	}
	t.Fatal("the engine offers nothing")
	return ""
}
