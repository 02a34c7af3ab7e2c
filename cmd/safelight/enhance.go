package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"safelight/internal/engine"
	"safelight/internal/engine/onboard"
	"safelight/internal/picture"
)

type enhanceCmd struct {
	Scale   int    `help:"Enlarge 2, 3 or 4 times; 1 restores at the same size." default:"2" enum:"1,2,3,4"`
	Denoise string `help:"How much noise to remove: 0 to 1, or auto." default:"auto"`
	Model   string `help:"quality or fast." default:"quality" enum:"quality,fast"`
	Threads int    `help:"Processor cores to use; 0 means all." default:"0"`
	SIMD    string `help:"avx512, avx2 or scalar; empty is the best there is." env:"SAFELIGHT_SIMD" name:"simd"`
	Quality int    `help:"Quality of JPEG, WebP and AVIF output, 1 to 100." default:"92"`
	Format  string `help:"Format for a folder's results: jpeg, png, webp or avif; empty keeps each picture's own." default:"" enum:",jpeg,png,webp,avif"`
	Force   bool   `help:"Overwrite results that are there already."`
	In      string `arg:"" help:"A picture, or a folder of pictures."`
	Out     string `arg:"" help:"Where the result goes; its ending chooses the format. For a folder, a folder."`
}

// Run enhances one picture or every picture in a folder.
func (c *enhanceCmd) Run(ctx context.Context, s streams) error {
	strength, err := c.strength()
	if err != nil {
		return usage{err}
	}
	e, err := onboard.New(onboard.Config{Threads: c.Threads, SIMD: c.SIMD})
	if err != nil {
		return usage{err}
	}
	info, err := os.Stat(c.In)
	if err != nil {
		return usage{err}
	}
	b := bench{enhance: c, engine: e, strength: strength, streams: s, limits: picture.DefaultLimits(),
		budget: picture.NewBudget(2 << 30)}
	if info.IsDir() {
		return b.folder(ctx)
	}
	format, ok := picture.FormatOf(c.Out)
	if !ok || !format.Writable() {
		return usage{fmt.Errorf("%s: end the name of the result in .jpg, .png, .webp or .avif", c.Out)}
	}
	return b.one(ctx, c.In, c.Out, format)
}

func (c *enhanceCmd) strength() (float64, error) {
	if c.Denoise == "auto" {
		return engine.Auto, nil
	}
	v, err := strconv.ParseFloat(c.Denoise, 64)
	if err != nil || v < 0 || v > 1 {
		return 0, fmt.Errorf("--denoise %s: a number from 0 to 1, or auto", c.Denoise)
	}
	return v, nil
}

// A bench works one picture after another.
type bench struct {
	enhance  *enhanceCmd
	engine   engine.Engine
	strength float64
	limits   picture.Limits
	budget   *picture.Budget
	streams  streams
}

// folder works all pictures below the folder; those that fail are told and the
// others done.
func (b *bench) folder(ctx context.Context) error {
	names, err := pictures(b.enhance.In)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("%s: no pictures in it", b.enhance.In)
	}
	bad := 0
	for _, name := range names {
		if err := b.named(ctx, name); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			bad++
			fmt.Fprintf(b.streams.err, "%s: %v\n", name, sentence(err))
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d pictures failed", bad, len(names))
	}
	return nil
}

func (b *bench) named(ctx context.Context, name string) error {
	format, _ := picture.FormatOf(name)
	if b.enhance.Format != "" {
		format = picture.Format(b.enhance.Format)
	}
	if !format.Writable() {
		format = picture.JPEG
	}
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	out := filepath.Join(b.enhance.Out, stem+format.Extension())
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	return b.one(ctx, filepath.Join(b.enhance.In, name), out, format)
}

// pictures lists the files whose ending is a picture's, relative to dir.
func pictures(dir string) (names []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if _, ok := picture.FormatOf(path); ok {
			rel, err := filepath.Rel(dir, path)
			names = append(names, rel)
			return err
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

func (b *bench) one(ctx context.Context, in, out string, format picture.Format) error {
	if _, err := os.Stat(out); err == nil && !b.enhance.Force {
		return fmt.Errorf("%s is there already; --force overwrites it", out)
	}
	data, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	p, err := picture.Decode(ctx, data, b.limits, b.budget)
	if err != nil {
		return err
	}
	defer p.Release()
	r := b.request(p)
	w, h := r.Output(p.Info.Width, p.Info.Height)
	if err := errors.Join(b.limits.Output(w, h), picture.CanEncode(format, w, h)); err != nil {
		return err
	}
	bar := newBar(b.streams.err, filepath.Base(in))
	r.Progress = bar.show
	result, err := b.engine.Render(ctx, r)
	bar.end()
	if err != nil {
		return err
	}
	var encoded bytes.Buffer
	if err := picture.Encode(ctx, &encoded, result.Image, format, picture.Options{Quality: b.enhance.Quality, Budget: b.budget}); err != nil {
		return err
	}
	if err := replace(out, encoded.Bytes()); err != nil {
		return err
	}
	fmt.Fprintf(b.streams.out, "%s: %d x %d, %s\n", out, w, h, result.Model)
	return nil
}

func (b *bench) request(p *picture.Picture) engine.Request {
	r := engine.Request{Operation: engine.Upscale, Scale: b.enhance.Scale, Strength: b.strength, Model: b.enhance.Model,
		Image: p.Image, JPEGQuality: p.Info.JPEGQuality}
	if b.enhance.Scale == 1 {
		r.Operation, r.Model = engine.Restore, engine.Quality
	}
	return r
}

// replace writes the whole file or nothing of it.
func replace(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".safelight-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

func sentence(err error) string {
	var b strings.Builder
	tell(&b, err)
	return strings.TrimSpace(strings.TrimPrefix(b.String(), "safelight: "))
}

// A bar shows progress on a terminal and nothing elsewhere.
type bar struct {
	out   *os.File
	name  string
	shown int
}

func newBar(w any, name string) *bar {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &bar{}
	}
	return &bar{out: f, name: name, shown: -1}
}

func (b *bar) show(done, total int) {
	percent := 100 * done / max(total, 1)
	if b.out == nil || percent == b.shown {
		return
	}
	b.shown = percent
	const width = 30
	full := width * percent / 100
	fmt.Fprintf(b.out, "\r%s [%s%s] %3d %%", b.name, strings.Repeat("=", full), strings.Repeat(" ", width-full), percent)
}

func (b *bar) end() {
	if b.out != nil {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}

// threads is how many cores a setting of 0 means.
func threads(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
