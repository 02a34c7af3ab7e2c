package picture

import (
	"bytes"

	"safelight/internal/fault"
)

// Limits of a JPEG's structure. Cameras and editors stay far below all of them.
const (
	maxJPEGSegments = 20_000
	maxJPEGScans    = 100
	maxJPEGTables   = 1000 // DHT and DQT segments; a progressive file has some per scan
	maxJPEGExif     = 8
	maxProfile      = 4 << 20
)

// jpegHeader is what walking the markers of a JPEG gathers.
type jpegHeader struct {
	info        Info
	limits      Limits
	segments    int
	tables      int
	exifs       int
	scans       int
	frame       bool // a start of frame was seen
	progressive bool
	components  int
	samples     int64 // stored samples, chroma subsampling counted in
	quant       quantTables
	profile     profileParts
}

// probeJPEG walks all markers up to the end of the image, past the entropy
// coded data, so that scans are counted and a missing end is noticed.
func probeJPEG(data []byte, l Limits) (Info, error) {
	h := jpegHeader{limits: l, info: Info{Format: JPEG, Bits: 8, Orientation: 1, yuv: yuvFull601}}
	rest := data[2:]
	for {
		marker, body, after, err := nextSegment(rest)
		if err != nil {
			return Info{}, err
		}
		if marker == 0xd9 {
			return h.end()
		}
		if h.segments++; h.segments > maxJPEGSegments {
			return Info{}, damaged("JPEG with too many segments")
		}
		if err := h.segment(marker, body); err != nil {
			return Info{}, err
		}
		if rest = after; marker == 0xda {
			rest = skipEntropy(after)
		}
	}
}

// nextSegment finds the marker that data begins with, its body and what
// follows. Bytes before the marker are skipped as decoders do.
func nextSegment(data []byte) (marker byte, body, after []byte, err error) {
	at := bytes.IndexByte(data, 0xff)
	for at >= 0 && at+1 < len(data) && (data[at+1] == 0xff || data[at+1] == 0) {
		step := bytes.IndexByte(data[at+1:], 0xff)
		if step < 0 {
			at = -1
			break
		}
		at += 1 + step
	}
	if at < 0 || at+1 >= len(data) {
		return 0, nil, nil, damaged("JPEG without an end")
	}
	marker, data = data[at+1], data[at+2:]
	if marker == 0xd9 || marker == 0x01 || marker == 0xd8 || marker >= 0xd0 && marker <= 0xd7 {
		return marker, nil, data, nil
	}
	if len(data) < 2 {
		return 0, nil, nil, damaged("JPEG segment cut off")
	}
	n := int(be16(data))
	if n < 2 || n > len(data) {
		return 0, nil, nil, damaged("JPEG segment of a wrong length")
	}
	return marker, data[2:n], data[n:], nil
}

// skipEntropy gives data from the first marker that is neither a stuffed byte
// nor a restart.
func skipEntropy(data []byte) []byte {
	for {
		at := bytes.IndexByte(data, 0xff)
		if at < 0 || at+1 >= len(data) {
			return nil
		}
		next := data[at+1]
		if next == 0 || next >= 0xd0 && next <= 0xd7 {
			data = data[at+2:]
			continue
		}
		if next == 0xff {
			data = data[at+1:]
			continue
		}
		return data[at:]
	}
}

func (h *jpegHeader) segment(marker byte, body []byte) error {
	switch {
	case marker == 0xd8:
		return damaged("JPEG within a JPEG")
	case marker == 0xc4:
		return h.table()
	case marker == 0xdb:
		h.quant.add(body)
		return h.table()
	case marker == 0xda:
		return h.scan(body)
	case marker == 0xe1:
		return h.app1(body)
	case marker == 0xe2:
		return h.profile.add(body)
	case marker == 0xcc || marker > 0xc2 && marker <= 0xcf && marker != 0xc8:
		return unsupported("JPEG (lossless or arithmetic)")
	case marker >= 0xc0 && marker <= 0xc2:
		h.progressive = marker == 0xc2
		return h.startOfFrame(body)
	}
	return nil
}

func (h *jpegHeader) table() error {
	if h.tables++; h.tables > maxJPEGTables {
		return damaged("JPEG with too many tables")
	}
	return nil
}

func (h *jpegHeader) scan(body []byte) error {
	if !h.frame {
		return damaged("JPEG scan before its frame")
	}
	if len(body) < 1 || int(body[0]) > h.components {
		return damaged("JPEG scan of components it does not have")
	}
	if h.scans++; h.scans > maxJPEGScans {
		return ErrDamaged.With(fault.Args{"limit": maxJPEGScans}).Because(errTooManyScans)
	}
	return nil
}

func (h *jpegHeader) app1(body []byte) error {
	if !bytes.HasPrefix(body, []byte("Exif\x00")) {
		return nil
	}
	if h.exifs++; h.exifs > maxJPEGExif {
		return damaged("JPEG with too many EXIF blocks")
	}
	o, err := orientationOf(body)
	if err == nil && h.exifs == 1 {
		h.info.Orientation = o
	}
	return err
}

func (h *jpegHeader) startOfFrame(body []byte) error {
	if h.frame {
		return damaged("JPEG with several frames")
	}
	h.frame = true
	if len(body) < 6 {
		return damaged("JPEG frame cut off")
	}
	if body[0] != 8 {
		return unsupported("JPEG (12 bit)")
	}
	h.info.stored = stored{int(be16(body[3:])), int(be16(body[1:]))}
	h.components = int(body[5])
	if len(body) != 6+3*h.components {
		return damaged("JPEG frame of a wrong length")
	}
	if h.components != 1 && h.components != 3 && h.components != 4 {
		return damaged("JPEG with an absurd number of components")
	}
	h.info.Grey = h.components == 1
	if err := h.limits.size(h.info.stored.width, h.info.stored.height); err != nil {
		return err
	}
	return h.sampling(body[6:])
}

// sampling counts how many samples the decoder will keep.
func (h *jpegHeader) sampling(components []byte) error {
	var widest, tallest int64 = 1, 1
	var blocks int64
	for c := components; len(c) >= 3; c = c[3:] {
		across, down := int64(c[1]>>4), int64(c[1]&15)
		if across < 1 || across > 4 || down < 1 || down > 4 {
			return damaged("JPEG with absurd sampling")
		}
		widest, tallest = max(widest, across), max(tallest, down)
		blocks += across * down
	}
	w, h8 := int64(h.info.stored.width), int64(h.info.stored.height)
	units := (w + 8*widest - 1) / (8 * widest) * ((h8 + 8*tallest - 1) / (8 * tallest))
	h.samples = units * blocks * 64
	return nil
}

// end judges the whole once the end of the image was found.
func (h *jpegHeader) end() (Info, error) {
	if !h.frame || h.scans == 0 {
		return Info{}, damaged("JPEG without a picture")
	}
	h.info.JPEGQuality = h.quant.quality()
	h.info.profile = h.profile.join()
	h.info.working = h.samples
	if h.progressive {
		h.info.working += 4 * h.samples // coefficients are kept until the last scan
	}
	return h.info, nil
}

// profileParts gathers an ICC profile that APP2 segments carry in pieces.
type profileParts struct {
	parts [256][]byte
	total byte
	size  int
}

const iccMark = "ICC_PROFILE\x00"

func (p *profileParts) add(body []byte) error {
	if !bytes.HasPrefix(body, []byte(iccMark)) || len(body) < len(iccMark)+2 {
		return nil
	}
	number, total, part := body[len(iccMark)], body[len(iccMark)+1], body[len(iccMark)+2:]
	if p.parts[number] != nil {
		return nil
	}
	if p.size += len(part); p.size > maxProfile {
		return damaged("colour profile too large")
	}
	p.parts[number], p.total = part, total
	return nil
}

// join puts the pieces together; a piece that is missing voids the profile.
func (p *profileParts) join() []byte {
	var whole []byte
	for n := 1; n <= int(p.total); n++ {
		if p.parts[n] == nil {
			return nil
		}
		whole = append(whole, p.parts[n]...)
	}
	return whole
}
