package picture

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
)

const (
	pngSignature = "\x89PNG\r\n\x1a\n"

	maxPNGChunks   = 50_000 // all of them
	maxPNGExtras   = 1000   // those that are no image data
	maxPNGInflated = 8 << 20
)

// pngHeader is what walking the chunks of a PNG gathers.
type pngHeader struct {
	info     Info
	limits   Limits
	chunks   int
	extras   int
	inflated int64 // of all compressed texts and profiles
	palette  bool
	colour   byte
	data     bool // an IDAT was seen
	frames   int  // fcTL chunks
}

// probePNG walks all chunks up to the end of the image.
func probePNG(data []byte, l Limits) (Info, error) {
	h := pngHeader{limits: l, info: Info{Format: PNG, Orientation: 1}}
	rest := data[len(pngSignature):]
	for {
		kind, body, after, err := nextChunk(rest)
		if err != nil {
			return Info{}, err
		}
		if h.chunks++; h.chunks > maxPNGChunks {
			return Info{}, damaged("PNG with too many chunks")
		}
		if h.chunks == 1 != (kind == "IHDR") {
			return Info{}, damaged("PNG header missing or repeated")
		}
		if kind == "IEND" {
			return h.end()
		}
		if err := h.chunk(kind, body); err != nil {
			return Info{}, err
		}
		rest = after
	}
}

// nextChunk cuts one chunk from data: its kind, its body and what follows.
func nextChunk(data []byte) (kind string, body, after []byte, err error) {
	if len(data) < 12 {
		return "", nil, nil, damaged("PNG without an end")
	}
	n := int64(be32(data))
	if n > int64(len(data))-12 {
		return "", nil, nil, damaged("PNG chunk cut off")
	}
	return string(data[4:8]), data[8 : 8+n], data[12+n:], nil
}

func (h *pngHeader) chunk(kind string, body []byte) (err error) {
	if kind == "IDAT" {
		h.data = true
		return nil
	}
	if kind != "fdAT" && kind != "fcTL" {
		if h.extras++; h.extras > maxPNGExtras {
			return damaged("PNG with too many extra chunks")
		}
	}
	switch kind {
	case "IHDR":
		return h.header(body)
	case "PLTE":
		h.palette = true
	case "tRNS":
		h.info.Alpha = true
	case "acTL":
		return h.animation(body)
	case "fcTL":
		return h.frame()
	case "eXIf":
		h.info.Orientation, err = orientationOf(body)
	case "iCCP":
		return h.colourProfile(body)
	case "zTXt":
		return h.text(body, 1)
	case "iTXt":
		return h.internationalText(body)
	}
	return err
}

func (h *pngHeader) header(body []byte) error {
	if len(body) != 13 {
		return damaged("PNG header of a wrong length")
	}
	width, height := be32(body), be32(body[4:])
	bits, colour := body[8], body[9]
	if width > 1<<31-1 || height > 1<<31-1 || body[10] != 0 || body[11] != 0 || body[12] > 1 || !validDepth(bits, colour) {
		return damaged("PNG header with absurd values")
	}
	h.colour = colour
	h.info.stored = stored{int(width), int(height)}
	h.info.Bits = int(bits)
	h.info.Grey = colour&2 == 0
	h.info.Alpha = colour&4 != 0
	if err := h.limits.size(int(width), int(height)); err != nil {
		return err
	}
	if body[12] == 1 {
		h.info.working = 2 * pixelBytes(h.info) * area(int(width), int(height)) // interlaced passes
	}
	return nil
}

// validDepth reports whether PNG allows bits per sample for a colour type.
func validDepth(bits, colour byte) bool {
	switch colour {
	case 0:
		return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16
	case 3:
		return bits == 1 || bits == 2 || bits == 4 || bits == 8
	case 2, 4, 6:
		return bits == 8 || bits == 16
	}
	return false
}

func (h *pngHeader) animation(body []byte) error {
	if len(body) < 8 {
		return damaged("PNG animation header cut off")
	}
	n := int64(be32(body))
	h.info.Frames = int(min(n, 1<<31-1))
	return h.limits.frames(h.info.Frames)
}

func (h *pngHeader) frame() error {
	h.frames++
	h.info.Frames = max(h.info.Frames, h.frames)
	return h.limits.frames(h.frames)
}

func (h *pngHeader) colourProfile(body []byte) error {
	at := bytes.IndexByte(body, 0)
	if at < 0 || at+2 > len(body) {
		return damaged("PNG colour profile cut off")
	}
	profile, err := h.inflate(body[at+2:], maxProfile, true)
	if err == nil && h.info.profile == nil {
		h.info.profile = profile
	}
	return err
}

// text judges a compressed text whose data begins skip bytes past its keyword.
func (h *pngHeader) text(body []byte, skip int) error {
	at := bytes.IndexByte(body, 0)
	if at < 0 || at+1+skip > len(body) {
		return damaged("PNG text cut off")
	}
	_, err := h.inflate(body[at+1+skip:], maxPNGInflated, false)
	return err
}

func (h *pngHeader) internationalText(body []byte) error {
	at := bytes.IndexByte(body, 0)
	if at < 0 || at+3 > len(body) {
		return damaged("PNG text cut off")
	}
	if body[at+1] == 0 {
		return nil // not compressed
	}
	rest := body[at+3:]
	for range 2 { // language, translated keyword
		if at = bytes.IndexByte(rest, 0); at < 0 {
			return damaged("PNG text cut off")
		}
		rest = rest[at+1:]
	}
	_, err := h.inflate(rest, maxPNGInflated, false)
	return err
}

var errInflatesTooFar = errors.New("PNG text or profile inflates too far")

// inflate expands at most limit bytes, and at most maxPNGInflated in the whole
// file. Only what is kept is held in memory.
func (h *pngHeader) inflate(packed []byte, limit int64, keep bool) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	var kept bytes.Buffer
	sink := io.Discard
	if keep {
		sink = &kept
	}
	limit = min(limit, maxPNGInflated-h.inflated)
	n, err := io.Copy(sink, io.LimitReader(z, limit+1))
	h.inflated += n
	if n > limit {
		return nil, ErrDamaged.Because(errInflatesTooFar)
	}
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	return kept.Bytes(), nil
}

func (h *pngHeader) end() (Info, error) {
	if !h.data {
		return Info{}, damaged("PNG without a picture")
	}
	if h.colour == 3 {
		if !h.palette {
			return Info{}, damaged("PNG without its palette")
		}
		h.info.Grey, h.info.Bits = false, 8
	}
	return h.info, nil
}
