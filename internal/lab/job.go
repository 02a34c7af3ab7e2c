package lab

import (
	"errors"
	"time"

	"safelight/internal/account"
	"safelight/internal/engine"
	"safelight/internal/fault"
	"safelight/internal/ledger"
	"safelight/internal/picture"
	"safelight/internal/queue"
)

// JobID names a job: "job_…".
type JobID string

const jobPrefix = "job"

// Status is where a job stands. doc.go draws the ways between them.
type Status string

// The statuses.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Success   Status = "success"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// Ended reports whether a job in this status stays in it.
func (s Status) Ended() bool { return s == Success || s == Failed || s == Cancelled }

// Auto as a strength lets the engine look at the picture and choose.
const Auto = -1

// A Job is work on an image, for credits.
type Job struct {
	ID            JobID
	Account       account.ID
	Image         ImageID
	Operation     engine.Operation
	Scale         int // 2, 3 or 4 for an upscale, otherwise 1
	Strength      int // thousandths, or Auto
	Model         string
	Format        picture.Format // of the result
	Engine        string
	Width, Height int   // of the result
	Cost          int64 // credits, held while the job is not ended
	Charged       int64 // credits: Cost after success, otherwise 0
	Status        Status
	Progress      int     // 0 to 100
	Result        ImageID // after success
	ResultSHA256  string  // after success; it stays when the result is deleted
	Failure       Failure // after failure
	Created       time.Time
	Started       time.Time // zero until it ran
	Ended         time.Time // zero until then

	hold    ledger.HoldID
	queued  queue.ID
	attempt int64
}

// A Failure says why a job failed. Err is for people: see [Failure.Err].
type Failure struct {
	Code string // of the fault, such as "picture.damaged"; empty without failure
	Args fault.Args
}

// Err is the failure as an error whose sentence i18n can write.
func (f Failure) Err() error {
	if f.Code == "" {
		return nil
	}
	return fault.New(fault.Internal, f.Code, ErrFailed.Sentence).With(f.Args)
}

// The errors about jobs. ErrFailed, ErrRefused and ErrOriginalGone are what a
// job failed for; it can also be a refusal of package picture.
var (
	ErrNoJob        = fault.New(fault.NotFound, "lab.no_job", "There is no such job.")
	ErrEnded        = fault.New(fault.Conflict, "lab.ended", "This job has ended already.")
	ErrPriceChanged = fault.New(fault.Conflict, "lab.price_changed", "The price has changed. Please look at it again.")
	ErrTwice        = fault.New(fault.Conflict, "lab.twice", "This request is being carried out already.")
	ErrScale        = fault.New(fault.Invalid, "lab.scale", "Choose 2, 3 or 4 times the size.")
	ErrNoScale      = fault.New(fault.Invalid, "lab.no_scale", "This operation keeps the size.")
	ErrStrength     = fault.New(fault.Invalid, "lab.strength", "Choose a strength from 0 to 1.")
	ErrFormat       = fault.New(fault.Invalid, "lab.format", "Choose JPEG, PNG, WebP or AVIF.")
	ErrEngine       = fault.New(fault.Invalid, "lab.engine", "This engine is not offered here.")

	ErrFailed       = fault.New(fault.Internal, "lab.failed", "The picture could not be made.")
	ErrRefused      = fault.New(fault.Invalid, "lab.refused", "The engine's rules do not allow this picture.")
	ErrOriginalGone = fault.New(fault.Gone, "lab.original_gone", "The photo was deleted before its turn came.")
)

// errOvertaken means that the job is no longer this attempt's: it was cancelled,
// or another attempt has begun.
var errOvertaken = errors.New("lab: the job is no longer this attempt's")
