package engine

import (
	"context"
	"fmt"
	"image"

	"safelight/internal/fault"
)

// An Operation is what is asked of an engine.
type Operation string

// The operations. An engine offers some of them.
const (
	Upscale  Operation = "upscale"  // more pixels of the same picture
	Denoise  Operation = "denoise"  // less noise, same size
	Restore  Operation = "restore"  // compression damage repaired, same size
	Portrait Operation = "portrait" // a person, made anew
	Generate Operation = "generate" // a picture from words
)

// The models an engine may offer for one operation.
const (
	Quality = "quality" // the best picture; the default
	Fast    = "fast"    // less time
)

// Auto as a Strength lets the engine look at the picture and choose.
const Auto = -1

// What may be wrong with a request.
var (
	// ErrUnsupported: this engine does not offer the operation or model.
	ErrUnsupported = fault.New(fault.Unsupported, "engine.unsupported", "This engine does not offer that.")
	// ErrInvalid: no engine could run the request; Field names what is wrong.
	ErrInvalid = fault.New(fault.Invalid, "engine.invalid_request", "This value is not possible.")
)

// An Engine makes images. It is safe for concurrent use.
//
// Render MUST return within the context's deadline, and soon after its
// cancellation, with an error that wraps the context's. It MUST NOT bill twice
// for one Request.Key. A refusal by the maker's own rules is a [*Refusal], not a
// fault. What the engine does not offer is [ErrUnsupported]. It MUST NOT write
// to Request.Image.
type Engine interface {
	// Name is the engine's stable name, in lower case.
	Name() string
	// Supports reports whether the engine offers the operation.
	Supports(op Operation) bool
	// Render does what r says.
	Render(ctx context.Context, r Request) (Result, error)
}

// A Request says what picture is wanted.
type Request struct {
	Key         string // the same key is the same piece of work, for engines that bill
	Operation   Operation
	Scale       int     // Upscale: 2, 3 or 4 times the sides; otherwise ignored
	Strength    float64 // 0 to 1, or Auto
	Model       string  // Quality or Fast; empty is Quality
	Image       image.Image
	JPEGQuality int                   // 1 to 100 estimated from the picture's own tables; 0 if unknown or not a JPEG
	Progress    func(done, total int) // called from one goroutine at a time, done only grows, ends with done == total; may be nil
}

// A Result is a picture and how it was made.
type Result struct {
	Image  image.Image
	Engine string // Engine.Name
	Model  string // the very model that ran, for the record
}

// A Refusal is an engine's answer that its rules forbid the picture. The
// request was sound and nothing is broken; asking again will not help.
type Refusal struct {
	Code   string // stable, for the program
	Reason string // the maker's words, for the log
}

func (r *Refusal) Error() string { return fmt.Sprintf("engine: refused (%s): %s", r.Code, r.Reason) }
