package picture

import (
	"bytes"
	"hash/crc32"
)

// Clean gives the same picture file without anything that is not its pixels,
// their colour profile or how they are turned: no EXIF, XMP or IPTC data, no
// comments, no embedded thumbnails, nothing after the end. Pixels are not
// written anew. Info is what [Probe] said of data; the result is to be probed
// and decoded as any other file.
func Clean(data []byte, info Info) ([]byte, error) {
	switch info.Format {
	case JPEG:
		return cleanJPEG(data, info)
	case PNG:
		return cleanPNG(data, info)
	case WebP:
		return cleanWebP(data, info)
	case AVIF, HEIC:
		return cleanHEIF(data)
	}
	return nil, ErrUnrecognised
}

// turned is an EXIF block that says how the picture is turned, and nothing else.
func turned(orientation int) []byte {
	return append([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), byte(orientation), 0, 0, 0, 0, 0, 0)
}

func cleanJPEG(data []byte, info Info) ([]byte, error) {
	out := append(make([]byte, 0, len(data)), 0xff, 0xd8)
	if info.Orientation > 1 {
		out = appendSegment(out, 0xe1, append([]byte("Exif\x00\x00"), turned(info.Orientation)...))
	}
	for rest := data[2:]; ; {
		marker, body, after, err := nextSegment(rest)
		if err != nil {
			return nil, err
		}
		rest = after
		switch {
		case marker == 0xd9:
			return append(out, 0xff, 0xd9), nil
		case marker == 0xda:
			out = appendSegment(out, marker, body)
			rest = skipEntropy(after)
			out = append(out, after[:len(after)-len(rest)]...)
		case body != nil:
			if body = keptOfJPEG(marker, body); body != nil {
				out = appendSegment(out, marker, body)
			}
		}
	}
}

func appendSegment(out []byte, marker byte, body []byte) []byte {
	n := len(body) + 2
	return append(append(out, 0xff, marker, byte(n>>8), byte(n)), body...)
}

// keptOfJPEG gives what may stay of a segment, or nil.
func keptOfJPEG(marker byte, body []byte) []byte {
	switch {
	case marker == 0xe0 && len(body) >= 14 && bytes.HasPrefix(body, []byte("JFIF\x00")):
		return append(bytes.Clone(body[:12]), 0, 0) // without its thumbnail
	case marker == 0xe2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")):
		return body
	case marker == 0xee && len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")):
		return body[:12] // how the colours are to be read
	case marker >= 0xe0 && marker <= 0xef, marker == 0xfe, marker >= 0xf0 && marker <= 0xfd:
		return nil
	}
	return body
}

// keptOfPNG are the chunks that say something of the pixels.
var keptOfPNG = map[string]bool{"IHDR": true, "PLTE": true, "tRNS": true, "IDAT": true, "gAMA": true, "cHRM": true, "sRGB": true,
	"iCCP": true, "sBIT": true, "cICP": true, "mDCV": true, "cLLI": true}

func cleanPNG(data []byte, info Info) ([]byte, error) {
	out := append(make([]byte, 0, len(data)), pngSignature...)
	for rest := data[len(pngSignature):]; ; {
		kind, body, after, err := nextChunk(rest)
		if err != nil {
			return nil, err
		}
		if keptOfPNG[kind] {
			out = append(out, rest[:len(rest)-len(after)]...)
		}
		if kind == "IHDR" && info.Orientation > 1 {
			out = appendChunk(out, "eXIf", turned(info.Orientation))
		}
		if kind == "IEND" {
			return appendChunk(out, "IEND", body[:0]), nil
		}
		rest = after
	}
}

func appendChunk(out []byte, kind string, body []byte) []byte {
	chunk := append([]byte(kind), body...)
	out = append(append(out, big32(uint32(len(body)))...), chunk...)
	return append(out, big32(crc32.ChecksumIEEE(chunk))...)
}

func big32(n uint32) []byte { return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} }

const (
	webpEXIF = 1 << 3
	webpXMP  = 1 << 2
)

func cleanWebP(data []byte, info Info) ([]byte, error) {
	if len(data) < 12 || int64(le32(data[4:])) > int64(len(data))-8 {
		return nil, damaged("WebP cut off")
	}
	out := append(make([]byte, 0, len(data)), data[:12]...)
	for rest := data[12 : 8+int64(le32(data[4:]))]; len(rest) >= 8; {
		n := int64(le32(rest[4:]))
		if n > int64(len(rest))-8 {
			return nil, damaged("WebP chunk cut off")
		}
		body := rest[8 : 8+n]
		switch kind := string(rest[:4]); kind {
		case "VP8X":
			out = appendRIFF(out, kind, extendedWebP(body, info))
		case "VP8 ", "VP8L", "ALPH", "ICCP":
			out = appendRIFF(out, kind, body)
		}
		rest = rest[min(8+n+n&1, int64(len(rest))):]
	}
	if info.Orientation > 1 {
		out = appendRIFF(out, "EXIF", turned(info.Orientation))
	}
	copy(out[4:], little(uint32(len(out)-8)))
	return out, nil
}

// extendedWebP is the header with flags that say what is there now.
func extendedWebP(body []byte, info Info) []byte {
	body = bytes.Clone(body)
	if len(body) > 0 {
		body[0] &^= webpEXIF | webpXMP
		if info.Orientation > 1 {
			body[0] |= webpEXIF
		}
	}
	return body
}

func appendRIFF(out []byte, kind string, body []byte) []byte {
	out = append(append(append(out, kind...), little(uint32(len(body)))...), body...)
	if len(body)%2 == 1 {
		out = append(out, 0)
	}
	return out
}

func little(n uint32) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)} }
