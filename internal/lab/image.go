package lab

import (
	"time"

	"safelight/internal/account"
	"safelight/internal/fault"
	"safelight/internal/picture"
)

// ImageID names an image: "img_…".
type ImageID string

const imagePrefix = "img"

// Role is how an image came to be.
type Role string

// The roles.
const (
	Original Role = "original" // it was uploaded
	Made     Role = "result"   // a job made it
)

// An Image is a picture that somebody has here.
type Image struct {
	ID            ImageID
	Account       account.ID
	Role          Role
	Name          string // safe as a file name, with the format's ending
	Format        picture.Format
	Width, Height int // in pixels, upright
	Alpha         bool
	Bytes         int64     // of an original: as it arrived
	SHA256        string    // in hex; of an original: as it arrived
	Source        ImageID   // of a result: what it was made of
	Job           JobID     // of a result: what made it
	Engine, Model string    // of a result: by whom
	Created       time.Time //
	Expires       time.Time // from then on it is not here any more

	keys        keys
	smallFormat picture.Format // of the thumbnail and the preview
}

// keys are where an image's files lie.
type keys struct{ file, thumb, preview string }

func (k keys) all() []string { return []string{k.file, k.thumb, k.preview} }

// Pixels is width times height.
func (i Image) Pixels() int64 { return int64(i.Width) * int64(i.Height) }

// A Rendition is one of the files of an image. None of them holds anything but
// pixels, their colour profile and how they are turned.
type Rendition string

// The renditions.
const (
	File      Rendition = "file"      // all pixels, in the image's own format
	Thumbnail Rendition = "thumbnail" // at most 480 pixels a side, JPEG or, with transparency, WebP
	Preview   Rendition = "preview"   // at most 2048 pixels a side, JPEG or, with transparency, WebP
)

// The longest sides of the small renditions, in pixels.
const (
	ThumbnailSide = 480
	PreviewSide   = 2048
)

// The errors about images.
var (
	ErrNoImage   = fault.New(fault.NotFound, "lab.no_image", "There is no such picture, or no longer.")
	ErrTooLarge  = fault.New(fault.TooLarge, "lab.too_large", "The file is larger than we accept.")
	ErrFull      = fault.New(fault.Conflict, "lab.full", "Your pictures take up all the room that there is. Delete some, or wait until they expire.")
	ErrBrokenOff = fault.New(fault.Malformed, "lab.broken_off", "The file did not arrive whole. Please send it again.")
	ErrFetch     = fault.New(fault.Invalid, "lab.fetch", "We could not get a picture from this address.")
)
