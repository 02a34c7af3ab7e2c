package disk

import (
	"encoding/binary"
	"errors"
	"io"
)

// A trailer is the last 128 bytes of a file:
//
//	0..7    "SLBLOB1\n"
//	8..15   the length of the blob, big endian
//	16      the length of the content type
//	17..127 the content type, then zeros
const (
	trailerSize  = 128
	trailerMagic = "SLBLOB1\n"
	typeAt       = 17
)

var errDamaged = errors.New("the file is damaged: its trailer does not fit it")

func trailer(size int64, contentType string) []byte {
	b := make([]byte, trailerSize)
	copy(b, trailerMagic)
	binary.BigEndian.PutUint64(b[8:], uint64(size))
	b[16] = byte(copy(b[typeAt:], contentType))
	return b
}

// readTrailer returns the size and content type of the blob in a file of
// fileSize bytes.
func readTrailer(r io.ReaderAt, fileSize int64) (size int64, contentType string, err error) {
	size = fileSize - trailerSize
	if size < 0 {
		return 0, "", errDamaged
	}
	var b [trailerSize]byte
	if _, err := r.ReadAt(b[:], size); err != nil {
		return 0, "", err
	}
	end := typeAt + int(b[16])
	if string(b[:8]) != trailerMagic || binary.BigEndian.Uint64(b[8:]) != uint64(size) || end > trailerSize {
		return 0, "", errDamaged
	}
	return size, string(b[typeAt:end]), nil
}
