package lab

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"safelight/internal/blob"
	"safelight/internal/catalog"
	"safelight/internal/db"
	"safelight/internal/engine"
	"safelight/internal/picture"
	"safelight/internal/queue"
	"safelight/internal/shop"
)

// An Offer is an engine that this shop lets its customers use.
type Offer struct {
	Engine   engine.Engine
	Remote   bool   // pictures leave this service's own machines for it
	TermsURL string // whose terms apply besides the shop's; empty for none
}

// Config is what a [Lab] works with.
type Config struct {
	DB      *db.DB
	Blobs   blob.Store
	Catalog *catalog.Catalog
	Limits  shop.Lab
	Engines []Offer         // the first is the one that is taken unless another is asked for
	Budget  *picture.Budget // shared by all decoders of the process; nil is unlimited
	Fetch   *http.Client    // for images by URL, safe against private addresses; nil refuses them
	Spool   string          // folder for uploads and results on their way; empty is the system's
	Takes   int             // uploads that are looked through at a time; 2 if 0
	Log     *slog.Logger
}

// Validate names what is missing or impossible.
func (c Config) Validate() error {
	var errs []error
	missing := func(is bool, field string) {
		if is {
			errs = append(errs, fmt.Errorf("lab: %s is missing", field))
		}
	}
	missing(c.DB == nil, "DB")
	missing(c.Blobs == nil, "Blobs")
	missing(c.Catalog == nil, "Catalog")
	missing(c.Log == nil, "Log")
	missing(len(c.Engines) == 0, "Engines")
	seen := map[string]bool{}
	for _, o := range c.Engines {
		if seen[o.Engine.Name()] {
			errs = append(errs, fmt.Errorf("lab: the engine %s is there twice", o.Engine.Name()))
		}
		seen[o.Engine.Name()] = true
	}
	if err := limitsOf(c.Limits).Validate(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// A Lab takes uploads and does jobs. It is safe for concurrent use.
type Lab struct {
	Config
	limits picture.Limits
	taking chan struct{}
}

// New makes a lab.
func New(c Config) (*Lab, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c.Spool = cmp.Or(c.Spool, os.TempDir())
	return &Lab{Config: c, limits: limitsOf(c.Limits), taking: make(chan struct{}, cmp.Or(c.Takes, 2))}, nil
}

func limitsOf(l shop.Lab) picture.Limits {
	return picture.Limits{Bytes: l.MaxBytes, Pixels: l.MaxPixels, Side: l.MaxSide, Frames: l.MaxFrames, OutputPixels: l.MaxOutputPixels}
}

// RenderQueue is the queue of the jobs that make pictures: a process that does
// them has workers for it.
const RenderQueue = "render"

// The kinds of queue job and the ticks.
const (
	renderKind     = "lab.render"
	renderAttempts = 4
	renderTimeout  = 4 * time.Hour // against a hang alone: the largest picture on a slow machine takes over an hour
	sweepEvery     = time.Minute
)

// Register hands the lab's work to q: making pictures, and the upkeep that
// deletes what has expired and what a crash left.
func (l *Lab) Register(q *queue.Queue) {
	q.Handle(renderKind, queue.Options{MaxAttempts: renderAttempts, Timeout: renderTimeout, OnDead: l.buried}, l.render)
	q.Tick("lab.expire", sweepEvery, l.Expire)
	q.Tick("lab.sweep", sweepEvery, l.Sweep)
}
