package picture

// cleanHEIF keeps every byte where it is, since the items are found by their
// offsets, and writes zeros over all that is not part of the shown picture:
// EXIF and XMP items, embedded thumbnails, boxes of their own, and whatever lies
// between the items.
func cleanHEIF(data []byte) ([]byte, error) {
	out := make([]byte, len(data))
	var meta []byte
	for rest := data; len(rest) > 0; {
		b, after, err := nextBox(rest)
		if err != nil {
			return nil, err
		}
		at, end := len(data)-len(rest), len(data)-len(after)
		head := end - at - len(b.body)
		copy(out[at:], data[at:at+head])
		switch {
		case b.kind == "ftyp":
			copy(out[at:end], data[at:end])
		case b.kind == "meta" && meta == nil:
			copy(out[at:end], data[at:end])
			meta = out[at+head : end]
		case b.kind != "mdat":
			copy(out[at+4:], "free")
		}
		rest = after
	}
	if meta == nil {
		return nil, damaged("HEIF without a picture")
	}
	return out, showOnly(out, data, meta)
}

// showOnly copies the items of the shown picture from data to out, of which
// meta is a part; all others are zeros there.
func showOnly(out, data, meta []byte) error {
	from, err := readMeta(data, originalOf(data, out, meta))
	if err != nil {
		return err
	}
	to, err := readMeta(out, meta)
	if err != nil {
		return err
	}
	clear(to.idat)
	for id := range shownItems(from) {
		if len(from.items[id].extents) == 0 {
			continue
		}
		source, err := from.bytesOf(from.items[id])
		if err != nil {
			return err
		}
		target, err := to.bytesOf(to.items[id])
		if err != nil {
			return err
		}
		for i := range source {
			copy(target[i], source[i])
		}
	}
	return nil
}

// originalOf is the part of data that lies where meta lies in out.
func originalOf(data, out, meta []byte) []byte {
	at := cap(out) - cap(meta)
	return data[at : at+len(meta)]
}

// shownItems are the primary item, what belongs to it, and the pieces of both.
func shownItems(f *heifFile) map[int]bool {
	shown := map[int]bool{}
	var add func(id int)
	add = func(id int) {
		it := f.items[id]
		if it == nil || shown[id] {
			return
		}
		shown[id] = true
		for _, part := range it.parts {
			add(part)
		}
	}
	add(f.primary)
	for id, it := range f.items {
		if it.auxiliary {
			add(id)
		}
	}
	return shown
}
