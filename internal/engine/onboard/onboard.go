package onboard

import (
	"context"
	"fmt"

	"safelight/internal/engine"
)

// Name is what the engine calls itself.
const Name = "onboard"

// Engine runs the networks on the machine's processors. One is enough for a
// program: it shares its threads and memory among all jobs, tile by tile.
type Engine struct {
	config    Config
	library   *library
	turn      chan *workspace // holds the one workspace while nobody computes
	surveying chan struct{}   // full while a survey is made
	side      int             // of the largest input of a network that tiles are tried with
}

// workspace is the memory that a tile is computed in.
type workspace struct{ slab []float32 }

// New makes an engine. Networks are read when they are first needed.
func New(c Config) (*Engine, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.filled()
	e := &Engine{config: c, library: newLibrary(c.kernels()), turn: make(chan *workspace, 1), surveying: make(chan struct{}, 1), side: largestInput}
	e.turn <- &workspace{}
	return e, nil
}

// Name implements [engine.Engine].
func (e *Engine) Name() string { return Name }

// Supports implements [engine.Engine]: upscale, denoise and restore.
func (e *Engine) Supports(op engine.Operation) bool {
	return op == engine.Upscale || op == engine.Denoise || op == engine.Restore
}

// Render implements [engine.Engine]. The result has the depth of the picture (8
// or 16 bits) and its channels: an image.Gray stays one, transparency stays. It
// costs nothing, so Request.Key is not looked at.
func (e *Engine) Render(ctx context.Context, r engine.Request) (engine.Result, error) {
	if err := r.Check(); err != nil {
		return engine.Result{}, err
	}
	if m := r.ModelName(); !e.Supports(r.Operation) || m != engine.Quality && m != engine.Fast {
		return engine.Result{}, engine.ErrUnsupported.Because(fmt.Errorf("onboard: operation %q, model %q", r.Operation, m))
	}
	if err := ctx.Err(); err != nil {
		return engine.Result{}, fmt.Errorf("onboard: %w", err)
	}
	p := newPicture(r.Image)
	passes, model, err := e.recipe(r, p)
	if err != nil {
		return engine.Result{}, err
	}
	img, err := e.run(ctx, p, passes, r.Progress)
	if err != nil {
		return engine.Result{}, fmt.Errorf("onboard: %s: %w", r.Operation, err)
	}
	return engine.Result{Image: img, Engine: Name, Model: model}, nil
}

// withTurn waits for the engine's one workspace, makes it as large as size, and
// works in it. Jobs that wait are served in the order in which they came, so
// that jobs at the same time advance tile by tile in turn.
func (e *Engine) withTurn(ctx context.Context, size int, do func(c crew, slab []float32) error) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case w := <-e.turn:
		defer func() { e.turn <- w }()
		if len(w.slab) < size {
			w.slab = make([]float32, e.roomFor(size))
		}
		return do(crew{ctx, e.config.Threads}, w.slab)
	}
}

// roomFor is how much memory is taken when size is needed: all that is allowed
// if it is more than half of that, so that it seldom grows and leaves little
// behind. Memory that is not touched costs nothing.
func (e *Engine) roomFor(size int) int {
	if all := e.config.tileBytes() / 4; size > all/2 {
		return max(size, all)
	}
	return size
}

// rest gives the workspace's memory back if nobody is using it.
func (e *Engine) rest() {
	select {
	case w := <-e.turn:
		w.slab = nil
		e.turn <- w
	default:
	}
}
