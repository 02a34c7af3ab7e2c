package picture

const (
	maxWebPChunks = 1000
	webpAnimated  = 1 << 1
	webpAlpha     = 1 << 4
)

// webpHeader is what walking the chunks of a WebP gathers.
type webpHeader struct {
	info     Info
	limits   Limits
	extended bool
	canvas   stored
	frames   int // ANMF chunks
	pictures int // VP8 and VP8L chunks at the top
}

// probeWebP walks all chunks of the RIFF container.
func probeWebP(data []byte, l Limits) (Info, error) {
	h := webpHeader{limits: l, info: Info{Format: WebP, Bits: 8, Orientation: 1, yuv: yuvVideo601}}
	size := int64(le32(data[4:]))
	if size < 4 || size > int64(len(data))-8 {
		return Info{}, damaged("WebP cut off")
	}
	rest := data[12 : 8+size]
	for chunks := 0; len(rest) >= 8; chunks++ {
		if chunks > maxWebPChunks && h.frames == 0 {
			return Info{}, damaged("WebP with too many chunks")
		}
		n := int64(le32(rest[4:]))
		if n > int64(len(rest))-8 {
			return Info{}, damaged("WebP chunk cut off")
		}
		if err := h.chunk(string(rest[:4]), rest[8:8+n], chunks); err != nil {
			return Info{}, err
		}
		rest = rest[min(8+n+n&1, int64(len(rest))):]
	}
	return h.end()
}

func (h *webpHeader) chunk(kind string, body []byte, number int) (err error) {
	switch kind {
	case "VP8X":
		if number != 0 || len(body) != 10 {
			return damaged("WebP header misplaced")
		}
		return h.extension(body)
	case "ANIM":
		return nil
	case "ANMF":
		h.frames++
	case "VP8 ":
		return h.lossy(body)
	case "VP8L":
		return h.lossless(body)
	case "EXIF":
		h.info.Orientation, err = orientationOf(body)
	case "ICCP":
		if len(body) > maxProfile {
			return damaged("colour profile too large")
		}
		h.info.profile = body
	}
	return err
}

func (h *webpHeader) extension(body []byte) error {
	h.extended = true
	h.canvas = stored{le24(body[4:]) + 1, le24(body[7:]) + 1}
	h.info.Alpha = body[0]&webpAlpha != 0
	if body[0]&webpAnimated != 0 {
		h.info.Frames = 2 // at least; the frames are counted on the way
	}
	return h.limits.size(h.canvas.width, h.canvas.height)
}

func (h *webpHeader) lossy(body []byte) error {
	if len(body) < 10 || body[0]&1 != 0 || string(body[3:6]) != "\x9d\x01\x2a" {
		return damaged("WebP without a key frame")
	}
	first := int64(body[0])>>5 | int64(body[1])<<3 | int64(body[2])<<11
	if first > int64(len(body))-10 {
		return damaged("WebP frame cut off")
	}
	return h.picture(int(le16(body[6:])&0x3fff), int(le16(body[8:])&0x3fff))
}

func (h *webpHeader) lossless(body []byte) error {
	if len(body) < 5 || body[0] != 0x2f || body[4]>>5 != 0 {
		return damaged("WebP with an absurd lossless frame")
	}
	bits := le32(body[1:])
	h.info.Alpha = h.info.Alpha || bits>>28&1 != 0
	return h.picture(int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1)
}

func (h *webpHeader) picture(w, height int) error {
	if h.pictures++; h.pictures > 1 {
		return damaged("WebP with several pictures")
	}
	if h.extended && h.canvas != (stored{w, height}) {
		return damaged("WebP picture differs from its canvas")
	}
	h.info.stored = stored{w, height}
	h.info.working = 5 * area(w, height) // planes, alpha and its own lossless copy
	return h.limits.size(w, height)
}

func (h *webpHeader) end() (Info, error) {
	if h.frames > 0 || h.info.Frames > 0 {
		h.info.Frames = max(h.info.Frames, h.frames)
		return Info{}, h.limits.frames(h.info.Frames)
	}
	if h.pictures == 0 {
		return Info{}, damaged("WebP without a picture")
	}
	return h.info, nil
}
