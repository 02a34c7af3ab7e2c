package picture

import "bytes"

const (
	maxDirectories      = 16
	maxDirectoryEntries = 1000
	tagOrientation      = 0x0112
)

// orientationOf reads the orientation from a TIFF block as EXIF embeds it. It
// looks at the first directory alone and gives 1 where that says nothing. A
// chain of directories that bites its own tail is an error: no camera writes one.
func orientationOf(tiff []byte) (int, error) {
	tiff = bytes.TrimPrefix(tiff, []byte("Exif\x00\x00"))
	read := tiffReader{data: tiff}
	if len(tiff) < 8 {
		return 1, nil
	}
	switch string(tiff[:4]) {
	case "II*\x00":
		read.u16, read.u32 = le16, le32
	case "MM\x00*":
		read.u16, read.u32 = be16, be32
	default:
		return 1, nil
	}
	return read.chain(read.u32(tiff[4:]))
}

type tiffReader struct {
	data []byte
	u16  func([]byte) uint16
	u32  func([]byte) uint32
}

func (r tiffReader) chain(at uint32) (int, error) {
	orientation := 1
	seen := map[uint32]bool{}
	for n := 0; at != 0; n++ {
		if seen[at] || n >= maxDirectories {
			return 1, damaged("EXIF directories form a loop")
		}
		seen[at] = true
		entries, next, ok := r.directory(at)
		if !ok {
			break
		}
		if n == 0 {
			orientation = r.find(entries)
		}
		at = next
	}
	return orientation, nil
}

// directory gives the 12-byte entries at offset at and the next offset.
func (r tiffReader) directory(at uint32) (entries []byte, next uint32, ok bool) {
	if int64(at)+2 > int64(len(r.data)) {
		return nil, 0, false
	}
	count := int(r.u16(r.data[at:]))
	rest := r.data[at+2:]
	if count > maxDirectoryEntries || count*12 > len(rest) {
		return nil, 0, false
	}
	entries, rest = rest[:count*12], rest[count*12:]
	if len(rest) >= 4 {
		next = r.u32(rest)
	}
	return entries, next, true
}

func (r tiffReader) find(entries []byte) int {
	for ; len(entries) >= 12; entries = entries[12:] {
		if r.u16(entries) != tagOrientation {
			continue
		}
		if v := int(r.u16(entries[8:])); v >= 1 && v <= 8 {
			return v
		}
	}
	return 1
}
