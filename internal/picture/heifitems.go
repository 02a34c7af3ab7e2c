package picture

// heifFile is what the meta box of a HEIF or AVIF file says, as far as a still
// picture needs it.
type heifFile struct {
	data    []byte
	idat    []byte
	primary int
	items   map[int]*heifItem
	props   []box // of ipco, counted from 1 in the file
	extents int   // of all items
}

type heifItem struct {
	id        int
	kind      string
	props     []int
	extents   []extent
	inIdat    bool
	parts     []int // dimg: what this is derived from
	auxiliary bool  // auxl: this belongs to another item
}

type extent struct{ at, size int }

// readMeta gathers the items of a meta box.
func readMeta(data, meta []byte) (*heifFile, error) {
	f := &heifFile{data: data, primary: -1, items: map[int]*heifItem{}}
	if len(meta) < 4 {
		return nil, damaged("meta box cut off")
	}
	err := eachBox(meta[4:], func(b box) error {
		r := fields{data: b.body}
		var err error
		switch b.kind {
		case "pitm":
			version, _ := r.full()
			f.primary = r.sized(2 + 2*min(version, 1))
		case "iinf":
			err = f.readInfo(&r)
		case "iloc":
			err = f.readLocations(&r)
		case "iref":
			err = f.readReferences(&r)
		case "iprp":
			err = f.readProperties(b.body)
		case "idat":
			f.idat = b.body
		}
		if err == nil && r.short {
			err = damaged(b.kind + " box cut off")
		}
		return err
	})
	return f, err
}

// item finds or makes the item id. Items beyond the limit are refused.
func (f *heifFile) item(id int) (*heifItem, error) {
	if it := f.items[id]; it != nil {
		return it, nil
	}
	if len(f.items) >= maxItems {
		return nil, damaged("too many items")
	}
	it := &heifItem{id: id}
	f.items[id] = it
	return it, nil
}

func (f *heifFile) readInfo(r *fields) error {
	version, _ := r.full()
	r.sized(2 + 2*min(version, 1)) // the count; the boxes say it too
	return eachBox(r.data, func(b box) error {
		if b.kind != "infe" {
			return nil
		}
		e := fields{data: b.body}
		version, _ := e.full()
		if version < 2 {
			return damaged("item entry of an old version")
		}
		id := e.sized(2 * (version - 1))
		e.u16() // protection
		kind := string(e.take(4))
		it, err := f.item(id)
		if err != nil || e.short || version > 3 {
			return damaged("item entry cut off")
		}
		it.kind = kind
		return nil
	})
}

func (f *heifFile) readLocations(r *fields) error {
	version, _ := r.full()
	sizes := r.u16()
	offsetSize, lengthSize, baseSize, indexSize := sizes>>12, sizes>>8&15, sizes>>4&15, sizes&15
	if version == 0 {
		indexSize = 0
	}
	wide := 2
	if version == 2 {
		wide = 4
	}
	for n := r.sized(wide); n > 0 && !r.short; n-- {
		it, err := f.item(r.sized(wide))
		if err != nil {
			return err
		}
		if version > 0 {
			method := r.u16() & 15
			it.inIdat = method == 1
			if method > 1 {
				return unsupported("HEIF of items within items")
			}
		}
		r.u16() // data reference
		base := r.sized(baseSize)
		for extents := r.u16(); extents > 0 && !r.short; extents-- {
			r.sized(indexSize)
			e := extent{base + r.sized(offsetSize), r.sized(lengthSize)}
			it.extents = append(it.extents, e)
			if f.extents++; f.extents > maxBoxes {
				return damaged("items in too many pieces")
			}
		}
	}
	return nil
}

func (f *heifFile) readReferences(r *fields) error {
	version, _ := r.full()
	wide := 2 + 2*min(version, 1)
	return eachBox(r.data, func(b box) error {
		e := fields{data: b.body}
		from, err := f.item(e.sized(wide))
		if err != nil {
			return err
		}
		for n := e.u16(); n > 0 && !e.short; n-- {
			to := e.sized(wide)
			switch b.kind {
			case "dimg":
				from.parts = append(from.parts, to)
			case "auxl":
				from.auxiliary = from.auxiliary || to == f.primary || f.primary < 0
			}
		}
		if e.short || len(from.parts) > maxItems {
			return damaged("item references cut off or too many")
		}
		return nil
	})
}

func (f *heifFile) readProperties(body []byte) error {
	return eachBox(body, func(b box) error {
		switch b.kind {
		case "ipco":
			return eachBox(b.body, func(p box) error {
				f.props = append(f.props, p)
				return nil
			})
		case "ipma":
			return f.associate(&fields{data: b.body})
		}
		return nil
	})
}

func (f *heifFile) associate(r *fields) error {
	version, flags := r.full()
	total := 0
	for n := r.u32(); n > 0 && !r.short; n-- {
		it, err := f.item(r.sized(2 + 2*min(version, 1)))
		if err != nil {
			return err
		}
		for k := r.u8(); k > 0 && !r.short; k-- {
			index := 0
			if flags&1 != 0 {
				index = r.u16() & 0x7fff
			} else {
				index = r.u8() & 0x7f
			}
			it.props = append(it.props, index)
			if total++; total > maxBoxes {
				return damaged("too many properties")
			}
		}
	}
	if r.short {
		return damaged("item properties cut off")
	}
	return nil
}

// properties calls f for the properties of an item in their order.
func (f *heifFile) properties(it *heifItem, do func(box) error) error {
	for _, index := range it.props {
		if index < 1 || index > len(f.props) {
			continue
		}
		if err := do(f.props[index-1]); err != nil {
			return err
		}
	}
	return nil
}

// bytesOf gives the pieces of an item's data; a piece outside the file is
// damage.
func (f *heifFile) bytesOf(it *heifItem) ([][]byte, error) {
	source := f.data
	if it.inIdat {
		source = f.idat
	}
	var pieces [][]byte
	for _, e := range it.extents {
		if e.size == 0 {
			e.size = max(len(source)-e.at, 0)
		}
		if e.at < 0 || e.at > len(source) || e.size > len(source)-e.at {
			return nil, damaged("item outside the file")
		}
		pieces = append(pieces, source[e.at:e.at+e.size])
	}
	if len(pieces) == 0 {
		return nil, damaged("item without data")
	}
	return pieces, nil
}
