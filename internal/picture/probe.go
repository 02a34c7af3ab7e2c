package picture

// Info is what a file says about its picture, checked for consistency.
type Info struct {
	Format        Format
	Width, Height int // as shown, after orientation
	Bits          int // per channel: 1, 2, 4, 8, 10, 12 or 16
	Alpha, Grey   bool
	Orientation   int // 1 to 8 as EXIF counts; 1 is upright
	JPEGQuality   int // 1 to 100 on libjpeg's scale, 0 if it is not a JPEG
	Frames        int
	ICC           bool // a colour profile is embedded

	stored  stored
	profile []byte // ICC, or nil; never longer than maxProfile
	yuv     yuvSpace
	crop    crop
	working int64 // bytes that decoding and conversion need at their peak
}

// stored is the size of the pixels in the file, before orientation.
type stored struct{ width, height int }

// crop is the part of the stored pixels that is shown; zero is all of them.
type crop struct{ x, y, width, height int }

// Probe reads the headers of a picture and judges them against l. It decodes no
// pixels and allocates nothing in proportion to what the file claims. Its errors
// are the package's refusals.
func Probe(data []byte, l Limits) (Info, error) {
	info, err := probe(data, l)
	info.profile = nil // it may be a part of data, which must not live as long as info
	return info, err
}

func probe(data []byte, l Limits) (Info, error) {
	if len(data) == 0 {
		return Info{}, ErrEmpty
	}
	if err := l.bytes(int64(len(data))); err != nil {
		return Info{}, err
	}
	f, ok := Sniff(data)
	if !ok {
		return Info{}, refuseForeign(data)
	}
	info, err := probeAs(f, data, l)
	if err != nil {
		return Info{}, err
	}
	return finish(info, l)
}

func refuseForeign(data []byte) error {
	if looks := looksLike(data); looks != "" {
		return unsupported(looks)
	}
	return ErrUnrecognised
}

func probeAs(f Format, data []byte, l Limits) (Info, error) {
	switch f {
	case JPEG:
		return probeJPEG(data, l)
	case PNG:
		return probePNG(data, l)
	case WebP:
		return probeWebP(data, l)
	default:
		return probeHEIF(f, data, l)
	}
}

// finish fills in what all formats have in common.
func finish(info Info, l Limits) (Info, error) {
	if info.crop == (crop{}) {
		info.crop = crop{0, 0, info.stored.width, info.stored.height}
	}
	if info.Orientation < 1 || info.Orientation > 8 {
		info.Orientation = 1
	}
	info.Width, info.Height = info.crop.width, info.crop.height
	if info.Orientation >= 5 {
		info.Width, info.Height = info.Height, info.Width
	}
	if info.Frames == 0 {
		info.Frames = 1
	}
	info.ICC = len(info.profile) > 0
	if err := l.size(info.stored.width, info.stored.height); err != nil {
		return Info{}, err
	}
	info.working += finalBytes(info)
	return info, l.frames(info.Frames)
}

// finalBytes is what the decoded pixels occupy once they are upright: twice,
// since orientation and conversion need a second copy for a moment.
func finalBytes(info Info) int64 {
	return 2 * pixelBytes(info) * area(info.stored.width, info.stored.height)
}

func pixelBytes(info Info) int64 {
	n := int64(4)
	if info.Grey && !info.Alpha {
		n = 1
	}
	if info.Bits > 8 {
		n *= 2
	}
	return n
}

func be16(b []byte) uint16 { return uint16(b[0])<<8 | uint16(b[1]) }
func be32(b []byte) uint32 { return uint32(be16(b))<<16 | uint32(be16(b[2:])) }
func be64(b []byte) uint64 { return uint64(be32(b))<<32 | uint64(be32(b[4:])) }
func le16(b []byte) uint16 { return uint16(b[1])<<8 | uint16(b[0]) }
func le24(b []byte) int    { return int(b[2])<<16 | int(b[1])<<8 | int(b[0]) }
func le32(b []byte) uint32 { return uint32(le16(b[2:]))<<16 | uint32(le16(b)) }
