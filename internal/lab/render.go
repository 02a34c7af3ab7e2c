package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"os"

	"safelight/internal/blob"
	"safelight/internal/db"
	"safelight/internal/engine"
	"safelight/internal/fault"
	"safelight/internal/id"
	"safelight/internal/picture"
	"safelight/internal/queue"
)

// The qualities of results; the codecs' own for the formats that are not here.
var quality = map[picture.Format]int{picture.JPEG: 92, picture.WebP: 90, picture.AVIF: 75}

// render is the queue's handler: one attempt at a job.
func (l *Lab) render(ctx context.Context, r *queue.Run) error {
	var a renderArgs
	if err := r.Decode(&a); err != nil {
		return queue.Permanent(err)
	}
	j, err := db.Do(ctx, l.DB, func(tx *db.Tx) (Job, error) { return toRunning(ctx, tx, a.Job) })
	if errors.Is(err, errOvertaken) {
		return nil // it has ended
	}
	if err != nil {
		return fmt.Errorf("lab: begin %s: %w", a.Job, err)
	}
	err = l.attempt(ctx, r, j)
	switch {
	case errors.Is(err, errOvertaken):
		return nil
	case err != nil:
		l.putBack(ctx, j)
		return err
	}
	return nil
}

// attempt makes the result and ends the job with it, or ends the job with the
// reason why there is none. An error of it is worth another attempt.
func (l *Lab) attempt(ctx context.Context, r *queue.Run, j Job) error {
	made, err := l.develop(ctx, j)
	if err == nil {
		return l.succeed(ctx, r, j, made)
	}
	if ctx.Err() == nil && final(err) {
		return l.DB.InTx(ctx, func(tx *db.Tx) error {
			if err := fail(ctx, tx, j, false, err); err != nil {
				return err
			}
			return r.Finish(ctx, tx)
		})
	}
	return fmt.Errorf("lab: job %s: %w", j.ID, err)
}

// final reports whether no further attempt can mend err.
func final(err error) bool {
	var refusal *engine.Refusal
	if errors.As(err, &refusal) || errors.Is(err, ErrOriginalGone) {
		return true
	}
	for _, k := range []fault.Kind{fault.Invalid, fault.TooLarge, fault.Unsupported} {
		if errors.Is(err, k) {
			return true
		}
	}
	return false
}

// result is a picture that a job made, on its way.
type result struct {
	Image
	files []file
	whole *os.File
}

func (m *result) drop() { discardScratch(m.whole) }

// develop does the work of an attempt, and tells its progress.
func (l *Lab) develop(ctx context.Context, j Job) (*result, error) {
	ctx, p := l.follow(ctx, j)
	defer p.stop()
	m, err := l.develops(ctx, j, p)
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errOvertaken) {
		return nil, cause
	}
	return m, err
}

func (l *Lab) develops(ctx context.Context, j Job, p *progress) (*result, error) {
	original, err := db.Ask(ctx, l.DB, func(tx *db.Tx) (Image, error) { return findImage(ctx, tx, j.Account, j.Image, noTime) })
	if errors.Is(err, ErrNoImage) {
		return nil, ErrOriginalGone
	}
	if err != nil {
		return nil, err
	}
	made, err := l.run(ctx, j, original, p)
	if err != nil {
		return nil, err
	}
	return l.finish(ctx, j, original, made)
}

// run lets the engine make the picture.
func (l *Lab) run(ctx context.Context, j Job, original Image, p *progress) (engine.Result, error) {
	offer, err := l.offer(j.Engine)
	if err != nil {
		return engine.Result{}, err
	}
	data, err := l.load(ctx, original)
	if err != nil {
		return engine.Result{}, err
	}
	source, err := picture.Decode(ctx, data, l.limits, l.Budget)
	if err != nil {
		return engine.Result{}, err
	}
	defer source.Release()
	made, err := offer.Engine.Render(ctx, engine.Request{Key: string(j.ID), Operation: j.Operation, Scale: j.Scale, Strength: strengthOf(j),
		Model: j.Model, Image: source.Image, JPEGQuality: source.Info.JPEGQuality, Progress: p.tile})
	if err != nil {
		return engine.Result{}, err
	}
	if got := made.Image.Bounds().Size(); got != image.Pt(j.Width, j.Height) {
		return engine.Result{}, fmt.Errorf("lab: %s made %v where %dx%d was sold", j.Engine, got, j.Width, j.Height)
	}
	return made, nil
}

func strengthOf(j Job) float64 {
	if j.Strength == Auto {
		return engine.Auto
	}
	return float64(j.Strength) / 1000
}

func (l *Lab) load(ctx context.Context, i Image) ([]byte, error) {
	content, _, err := l.Open(ctx, i, File)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, ErrOriginalGone.Because(err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = content.Close() }()
	return io.ReadAll(content)
}

// finish writes the result and its small renditions to files of ours.
func (l *Lab) finish(ctx context.Context, j Job, original Image, made engine.Result) (*result, error) {
	i := Image{ID: id.New[ImageID](imagePrefix), Account: j.Account, Role: Made, Format: j.Format, Width: j.Width, Height: j.Height,
		Alpha: original.Alpha && j.Format != picture.JPEG, Source: original.ID, Job: j.ID, Engine: made.Engine, Model: made.Model,
		Name: picture.Rename(original.Name, "-"+string(j.Operation), j.Format)}
	small, err := smaller(ctx, &i, made.Image)
	if err != nil {
		return nil, err
	}
	f, err := l.scratch()
	if err != nil {
		return nil, err
	}
	m := &result{whole: f}
	sum := sha256.New()
	counted := &counter{w: io.MultiWriter(f, sum)}
	if err := picture.Encode(ctx, counted, made.Image, j.Format, picture.Options{Quality: quality[j.Format]}); err != nil {
		m.drop()
		return nil, err
	}
	i.Bytes, i.SHA256, i.keys.file = counted.n, hex.EncodeToString(sum.Sum(nil)), blob.NewKey("image")
	m.Image = i
	m.files = append(small, file{i.keys.file, i.Format.MediaType(), i.Bytes, f})
	return m, nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
