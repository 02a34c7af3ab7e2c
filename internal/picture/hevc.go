package picture

const nalSPS = 33

// hevc checks every sequence parameter set of an HEVC item: in its configuration
// and in its data.
func (p *heifProbe) hevc(config []byte, pieces [][]byte, size stored) error {
	r := fields{data: config}
	head := r.take(22)
	arrays := r.u8()
	if r.short || len(head) < 22 {
		return damaged("HEVC without a configuration")
	}
	p.info.Grey = head[16]&3 == 0
	if depth := int(head[17]&7) + 8; depth > 8 {
		p.info.Bits = 8 // the decoder reduces them
	}
	found := false
	for ; arrays > 0 && !r.short; arrays-- {
		r.u8()
		for n := r.u16(); n > 0 && !r.short; n-- {
			ok, err := p.nal(r.take(r.u16()), size)
			if err != nil {
				return err
			}
			found = found || ok
		}
	}
	if r.short || !found {
		return damaged("HEVC without a sequence parameter set")
	}
	return p.nals(joined(pieces), int(head[21]&3)+1, size)
}

// nals walks the NAL units of an item, each after its length.
func (p *heifProbe) nals(data []byte, wide int, size stored) error {
	for len(data) > 0 {
		if len(data) < wide {
			return damaged("HEVC unit cut off")
		}
		n := 0
		for _, b := range data[:wide] {
			n = n<<8 | int(b)
		}
		if data = data[wide:]; n > len(data) {
			return damaged("HEVC unit cut off")
		}
		if _, err := p.nal(data[:n], size); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// nal judges one unit and reports whether it was a sequence parameter set.
func (p *heifProbe) nal(unit []byte, size stored) (bool, error) {
	if err := p.unit(); err != nil {
		return false, err
	}
	if len(unit) < 3 || unit[0]>>1&63 != nalSPS {
		return false, nil
	}
	width, height, ok := parameterSize(unescape(unit[2:min(len(unit), 512)]))
	if !ok {
		return false, damaged("HEVC sequence parameter set cut off")
	}
	return true, p.claim(width, height, size)
}

// unescape drops the bytes that keep start codes out of a NAL unit.
func unescape(data []byte) []byte {
	out := make([]byte, 0, len(data))
	zeros := 0
	for _, c := range data {
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		zeros++
		if c != 0 {
			zeros = 0
		}
		out = append(out, c)
	}
	return out
}

// parameterSize reads the coded picture's size from a sequence parameter set.
func parameterSize(body []byte) (width, height int, ok bool) {
	b := bits{data: body}
	b.read(4)
	layers := b.read(3)
	b.read(1)
	b.read(88 + 8) // general profile, tier and level
	var profile, level [8]bool
	for i := range layers {
		profile[i], level[i] = b.read(1) != 0, b.read(1) != 0
	}
	if layers > 0 {
		b.read(2 * (8 - layers))
	}
	for i := range layers {
		if profile[i] {
			b.read(88)
		}
		if level[i] {
			b.read(8)
		}
	}
	b.golomb() // id
	if b.golomb() == 3 {
		b.read(1)
	}
	width, height = b.golomb(), b.golomb()
	return width, height, !b.short
}
