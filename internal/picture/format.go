package picture

import (
	"bytes"
	"strings"
)

// Format is a kind of picture file that this package reads; it writes all of
// them but HEIC.
type Format string

// The formats.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	WebP Format = "webp"
	AVIF Format = "avif"
	HEIC Format = "heic"
)

// Formats are all formats that can be read.
var Formats = []Format{JPEG, PNG, WebP, AVIF, HEIC}

// Valid reports whether f is one of [Formats].
func (f Format) Valid() bool { return f.MediaType() != "" }

// Writable reports whether [Encode] makes files of format f.
func (f Format) Writable() bool { return f.Valid() && f != HEIC }

// MediaType is the Content-Type of f, or "" if f is no format.
func (f Format) MediaType() string {
	switch f {
	case JPEG, PNG, WebP, AVIF, HEIC:
		return "image/" + string(f)
	}
	return ""
}

// Extension is the usual ending of a file name of format f, with its dot.
func (f Format) Extension() string {
	if f == JPEG {
		return ".jpg"
	}
	return "." + string(f)
}

// FormatOf finds the format that a file name's ending asks for.
func FormatOf(name string) (Format, bool) {
	ending := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	switch ending {
	case "jpg", "jpeg", "jpe":
		return JPEG, true
	case "heif", "hif":
		return HEIC, true
	}
	f := Format(ending)
	return f, f.Valid()
}

// SniffBytes is how many leading bytes [Sniff] looks at, at most.
const SniffBytes = 512

// Sniff tells the format by content alone. Names and declared types are never
// asked.
func Sniff(head []byte) (Format, bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG, true
	case bytes.HasPrefix(head, []byte(pngSignature)):
		return PNG, true
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return WebP, true
	}
	return sniffBrands(head)
}

// sniffBrands reads the brands of an ISO base media file. A HEIC brand weighs
// more than the order of the list; AVIF files never carry one.
func sniffBrands(head []byte) (Format, bool) {
	var found Format
	for _, brand := range brands(head) {
		switch brand {
		case "avif", "avis":
			if found == "" {
				found = AVIF
			}
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs":
			found = HEIC
		}
	}
	return found, found != ""
}

// brands lists the major and compatible brands of the ftyp box that head
// begins with, as far as head reaches.
func brands(head []byte) []string {
	if len(head) < 16 || string(head[4:8]) != "ftyp" {
		return nil
	}
	end := min(int(be32(head)), len(head), SniffBytes)
	list := []string{string(head[8:12])}
	for at := 16; at+4 <= end; at += 4 {
		list = append(list, string(head[at:at+4]))
	}
	return list
}

// foreign are the openings of files that people send by mistake or on purpose.
var foreign = []struct{ opening, name string }{
	{"GIF8", "GIF"}, {"BM", "BMP"}, {"%PDF", "PDF"}, {"%!PS", "PostScript"},
	{"II*\x00", "TIFF or RAW"}, {"MM\x00*", "TIFF or RAW"}, {"II+\x00", "BigTIFF"}, {"MM\x00+", "BigTIFF"},
	{"IIRO", "RAW"}, {"IIRS", "RAW"}, {"IIU\x00", "RAW"}, {"FUJIFILM", "RAW"}, {"FOVb", "RAW"},
	{"\x00\x00\x01\x00", "ICO"}, {"\x00\x00\x02\x00", "CUR"}, {"8BPS", "PSD"},
	{"PK\x03\x04", "ZIP"}, {"PK\x05\x06", "ZIP"}, {"Rar!", "RAR"}, {"7z\xbc\xaf", "7z"}, {"\x1f\x8b", "GZIP"},
	{"\xff\x0a", "JPEG XL"}, {"\x00\x00\x00\x0cJXL ", "JPEG XL"}, {"\x00\x00\x00\x0cjP  ", "JPEG 2000"},
	{"\xff\x4f\xff\x51", "JPEG 2000"}, {"v/1\x01", "OpenEXR"}, {"#?RADIANCE", "HDR"}, {"MZ", "EXE"}, {"\x7fELF", "ELF"},
}

// looksLike names what the content of an unsupported file is, or gives "" if
// it is nothing we know.
func looksLike(head []byte) string {
	head = head[:min(len(head), SniffBytes)]
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.opening)) {
			return f.name
		}
	}
	if list := brands(head); len(list) > 0 {
		if list[0] == "crx " {
			return "RAW"
		}
		return "MP4"
	}
	return looksLikeText(head)
}

func looksLikeText(head []byte) string {
	text := strings.ToLower(strings.TrimLeft(string(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))), " \t\r\n"))
	switch {
	case strings.Contains(text, "<svg"):
		return "SVG"
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"), strings.Contains(text, "<script"):
		return "HTML"
	case strings.HasPrefix(text, "<?xml"):
		return "XML"
	}
	return ""
}
