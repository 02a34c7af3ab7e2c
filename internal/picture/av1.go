package picture

const (
	obuSequenceHeader = 1
	obuTileList       = 8
)

// av1 checks every sequence header of an AV1 item: in its configuration and in
// its data.
func (p *heifProbe) av1(config []byte, pieces [][]byte, size stored) error {
	if len(config) < 4 {
		return damaged("AV1 without a configuration")
	}
	p.info.Grey = config[2]>>4&1 != 0
	if config[2]>>6&1 != 0 {
		p.info.Bits = 10
		if config[2]>>5&1 != 0 {
			p.info.Bits = 12
		}
	}
	found := false
	for n, data := range append([][]byte{config[4:]}, joined(pieces)) {
		ok, err := p.obus(data, size)
		if err != nil {
			return err
		}
		found = found || ok && n > 0
	}
	if !found {
		return damaged("AV1 without a sequence header")
	}
	return nil
}

// joined gives an item's data as one; it copies only what lies in pieces.
func joined(pieces [][]byte) []byte {
	if len(pieces) == 1 {
		return pieces[0]
	}
	total := 0
	for _, piece := range pieces {
		total += len(piece)
	}
	whole := make([]byte, 0, total)
	for _, piece := range pieces {
		whole = append(whole, piece...)
	}
	return whole
}

// obus walks open bitstream units and reports whether a sequence header was
// among them.
func (p *heifProbe) obus(data []byte, size stored) (found bool, err error) {
	for len(data) > 0 {
		if err := p.unit(); err != nil {
			return false, err
		}
		head, body, after, ok := nextOBU(data)
		if !ok {
			return false, damaged("AV1 unit cut off")
		}
		switch head >> 3 & 15 {
		case obuSequenceHeader:
			width, height, ok := sequenceSize(body)
			if !ok {
				return false, damaged("AV1 sequence header cut off")
			}
			if err := p.claim(width, height, size); err != nil {
				return false, err
			}
			found = true
		case obuTileList:
			return false, damaged("AV1 tile list in a picture")
		}
		data = after
	}
	return found, nil
}

func nextOBU(data []byte) (head byte, body, after []byte, ok bool) {
	head, data = data[0], data[1:]
	if head>>2&1 != 0 { // extension
		if len(data) < 1 {
			return 0, nil, nil, false
		}
		data = data[1:]
	}
	if head>>1&1 == 0 { // no size: up to the end
		return head, data, nil, true
	}
	size := uint64(0)
	for i := 0; i < 8; i++ {
		if i >= len(data) {
			return 0, nil, nil, false
		}
		size |= uint64(data[i]&0x7f) << (7 * i)
		if data[i]&0x80 == 0 {
			data = data[i+1:]
			if size > uint64(len(data)) {
				return 0, nil, nil, false
			}
			return head, data[:size], data[size:], true
		}
	}
	return 0, nil, nil, false
}

// sequenceSize reads the largest frame size from an AV1 sequence header.
func sequenceSize(body []byte) (width, height int, ok bool) {
	b := bits{data: body}
	b.read(3 + 1) // profile, still picture
	if reduced := b.read(1); reduced != 0 {
		b.read(5)
	} else {
		skipOperatingPoints(&b)
	}
	wide, high := b.read(4)+1, b.read(4)+1
	width, height = b.read(wide)+1, b.read(high)+1
	return width, height, !b.short
}

// skipOperatingPoints passes timing, decoder model and operating points.
func skipOperatingPoints(b *bits) {
	model, delay := 0, 0
	if b.read(1) != 0 { // timing
		b.read(64)
		if b.read(1) != 0 {
			b.golomb()
		}
		if model = b.read(1); model != 0 {
			delay = b.read(5) + 1
			b.read(32 + 5 + 5)
		}
	}
	display := b.read(1)
	for range b.read(5) + 1 {
		b.read(12)
		if b.read(5) > 7 {
			b.read(1)
		}
		if model != 0 && b.read(1) != 0 {
			b.read(delay)
			b.read(delay)
			b.read(1)
		}
		if display != 0 && b.read(1) != 0 {
			b.read(4)
		}
	}
}
