package picture

import "strings"

const (
	maxTiles = 2048
	// A codec may pad a picture to whole blocks, never further.
	codecPadding = 64
)

// probeHEIF reads an AVIF or HEIC file: the item it shows, the pieces that item
// is made of, and the size that each piece's own codec header claims.
func probeHEIF(format Format, data []byte, l Limits) (Info, error) {
	if err := checkBoxes(data); err != nil {
		return Info{}, err
	}
	var meta []byte
	frames := 0
	err := eachBox(data, func(b box) error {
		switch b.kind {
		case "meta":
			if meta == nil {
				meta = b.body
			}
		case "moov", "moof":
			frames = max(frames, 2, samples(b.body))
		}
		return nil
	})
	if err != nil {
		return Info{}, err
	}
	if frames > 0 {
		if err := l.frames(frames); err != nil {
			return Info{}, err
		}
	}
	if meta == nil {
		return Info{}, damaged("HEIF without a picture")
	}
	return probeItems(format, data, meta, l)
}

// samples gives the largest count of samples that a track of a moov box has.
func samples(moov []byte) int {
	most := 0
	var walk func([]byte, int)
	walk = func(data []byte, depth int) {
		_ = eachBox(data, func(b box) error { // its nesting was checked before
			if b.kind == "stsz" && len(b.body) >= 12 {
				most = max(most, int(be32(b.body[8:])))
			}
			if _, ok := containers[b.kind]; ok && b.kind != "meta" && depth < maxDepth {
				walk(b.body, depth+1)
			}
			return nil
		})
	}
	walk(moov, 1)
	return most
}

// heifProbe judges the items of one file.
type heifProbe struct {
	file    *heifFile
	limits  Limits
	info    Info
	codec   string // av01 or hvc1
	units   int    // OBUs or NAL units walked
	decoded int64  // pixels that the decoder will produce, tiles and alpha included
}

func probeItems(format Format, data, meta []byte, l Limits) (Info, error) {
	file, err := readMeta(data, meta)
	if err != nil {
		return Info{}, err
	}
	primary := file.items[file.primary]
	if primary == nil {
		return Info{}, damaged("HEIF without a primary item")
	}
	p := heifProbe{file: file, limits: l, codec: "av01", info: Info{Format: format, Bits: 8, Orientation: 1, yuv: yuvFull601}}
	if format == HEIC {
		p.codec = "hvc1"
	}
	if err := p.shown(primary); err != nil {
		return Info{}, err
	}
	for _, it := range file.items {
		if it.auxiliary {
			if err := p.companion(it); err != nil {
				return Info{}, err
			}
		}
	}
	if p.decoded > 4*l.Pixels {
		return Info{}, damaged("HEIF whose pieces are larger than the whole")
	}
	p.info.working = 22 * p.decoded // a sandbox grows by copying itself
	if p.info.Bits > 8 {
		p.info.working = 40 * p.decoded
	}
	return p.info, nil
}

// shown judges the primary item and takes its size, depth and orientation.
func (p *heifProbe) shown(it *heifItem) error {
	size, err := p.size(it)
	if err != nil {
		return err
	}
	if err := p.limits.size(size.width, size.height); err != nil {
		return err
	}
	p.info.stored = size
	if err := p.coded(it, size); err != nil {
		return err
	}
	return p.transforms(it)
}

// companion judges an auxiliary item of the primary: alpha, depth or a gain map.
func (p *heifProbe) companion(it *heifItem) error {
	size, err := p.size(it)
	if err != nil {
		return err
	}
	if err := p.limits.size(size.width, size.height); err != nil {
		return err
	}
	alpha := false
	err = p.file.properties(it, func(b box) error {
		if b.kind == "auxC" && (strings.Contains(string(b.body), "auxiliary:alpha") || strings.Contains(string(b.body), "auxid:1\x00")) {
			alpha = true
		}
		return nil
	})
	if err != nil || !alpha {
		return err
	}
	p.info.Alpha = true
	bits, grey := p.info.Bits, p.info.Grey
	err = p.coded(it, size)
	p.info.Bits, p.info.Grey = bits, grey
	return err
}

// size is what the item's ispe property says.
func (p *heifProbe) size(it *heifItem) (s stored, err error) {
	err = p.file.properties(it, func(b box) error {
		if b.kind == "ispe" && len(b.body) >= 12 {
			s = stored{int(be32(b.body[4:])), int(be32(b.body[8:]))}
		}
		return nil
	})
	if err == nil && (s.width == 0 || s.height == 0) {
		err = damaged("item without a size")
	}
	return s, err
}

// coded judges an item that is one coded picture or a grid of them.
func (p *heifProbe) coded(it *heifItem, size stored) error {
	switch it.kind {
	case p.codec:
		p.decoded += area(size.width, size.height)
		return p.codecHeader(it, size)
	case "grid":
		return p.grid(it, size)
	case "":
		return damaged("item without a kind")
	}
	return unsupported("HEIF (" + printable(it.kind) + ")")
}

func (p *heifProbe) grid(it *heifItem, size stored) error {
	pieces, err := p.file.bytesOf(it)
	if err != nil {
		return err
	}
	r := fields{data: pieces[0]}
	r.u8()
	wide := 2 + 2*(r.u8()&1)
	rows, columns := r.u8()+1, r.u8()+1
	width, height := r.sized(wide), r.sized(wide)
	if r.short || (stored{width, height}) != size {
		return damaged("grid differs from its size")
	}
	if rows*columns != len(it.parts) || rows*columns > maxTiles {
		return damaged("grid with a wrong number of tiles")
	}
	return p.tiles(it.parts, stored{columns, rows}, size)
}

// tiles judges the tiles of a grid of shape columns by rows. All are of one
// size, cover the whole, and reach past it by less than a tile.
func (p *heifProbe) tiles(ids []int, shape, whole stored) error {
	var first stored
	for n, id := range ids {
		tile := p.file.items[id]
		if tile == nil || tile.kind != p.codec {
			return damaged("grid of tiles that are no pictures")
		}
		size, err := p.size(tile)
		if err != nil {
			return err
		}
		if n == 0 {
			first = size
		}
		if size != first || !covers(size.width, shape.width, whole.width) || !covers(size.height, shape.height, whole.height) {
			return damaged("grid of tiles that do not fit")
		}
		p.decoded += area(size.width, size.height)
		if err := p.codecHeader(tile, size); err != nil {
			return err
		}
	}
	return nil
}

func covers(tile, count, whole int) bool {
	return tile > 0 && tile <= 1<<16 && tile*count >= whole && tile*(count-1) < whole
}

// transforms takes clap, irot, imir and the colour of the shown item. They apply
// in that order whatever the file's own.
func (p *heifProbe) transforms(it *heifItem) error {
	angle, mirror := 0, -1
	err := p.file.properties(it, func(b box) error {
		switch {
		case b.kind == "irot" && len(b.body) >= 1:
			angle = int(b.body[0] & 3)
		case b.kind == "imir" && len(b.body) >= 1:
			mirror = int(b.body[0] & 1)
		case b.kind == "clap":
			return p.aperture(b.body)
		case b.kind == "colr":
			return p.colour(b.body)
		}
		return nil
	})
	p.info.Orientation = orientationFrom(angle, mirror)
	return err
}

// orientationFrom gives the EXIF orientation of a turn by angle quarters against
// the clock and then a mirroring: -1 none, 0 top and bottom change places, 1 left
// and right do.
func orientationFrom(angle, mirror int) int {
	switch mirror {
	case 0:
		return [4]int{4, 5, 2, 7}[angle]
	case 1:
		return [4]int{2, 7, 4, 5}[angle]
	}
	return [4]int{1, 8, 3, 6}[angle]
}

// aperture takes a clean aperture of whole pixels. Fractions are rounded as the
// decoders do.
func (p *heifProbe) aperture(body []byte) error {
	if len(body) < 32 {
		return damaged("clean aperture cut off")
	}
	var v [8]int64
	for i := range v {
		v[i] = int64(int32(be32(body[4*i:])))
		if i%2 == 1 && v[i] <= 0 {
			return damaged("clean aperture with an absurd fraction")
		}
	}
	across, down := int64(p.info.stored.width), int64(p.info.stored.height)
	width, height := v[0]/v[1], v[2]/v[3]
	x := ((across-width)*v[5] + 2*v[4]) / (2 * v[5])
	y := ((down-height)*v[7] + 2*v[6]) / (2 * v[7])
	if width <= 0 || height <= 0 || x < 0 || y < 0 || x+width > across || y+height > down {
		return damaged("clean aperture outside the picture")
	}
	p.info.crop = crop{int(x), int(y), int(width), int(height)}
	return nil
}

func (p *heifProbe) colour(body []byte) error {
	if len(body) < 4 {
		return damaged("colour box cut off")
	}
	switch kind, rest := string(body[:4]), body[4:]; kind {
	case "prof", "rICC":
		if len(rest) > maxProfile {
			return damaged("colour profile too large")
		}
		p.info.profile = rest
	case "nclx":
		if len(rest) >= 7 {
			p.info.yuv = yuvFrom(int(be16(rest[4:])), rest[6]>>7 != 0)
		}
	}
	return nil
}

// codecHeader checks the sizes that the coded bytes themselves claim, since that
// is what the decoder believes.
func (p *heifProbe) codecHeader(it *heifItem, size stored) error {
	var config []byte
	err := p.file.properties(it, func(b box) error {
		if b.kind == "av1C" || b.kind == "hvcC" {
			config = b.body
		}
		return nil
	})
	if err != nil {
		return err
	}
	pieces, err := p.file.bytesOf(it)
	if err != nil {
		return err
	}
	if p.codec == "av01" {
		return p.av1(config, pieces, size)
	}
	return p.hevc(config, pieces, size)
}

// claim judges a size found in a codec header against the item's.
func (p *heifProbe) claim(width, height int, size stored) error {
	if width > size.width+codecPadding || height > size.height+codecPadding || width < 1 || height < 1 {
		return damaged("coded picture larger than its item")
	}
	return nil
}

func (p *heifProbe) unit() error {
	if p.units++; p.units > maxBoxes {
		return damaged("coded picture in too many units")
	}
	return nil
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
