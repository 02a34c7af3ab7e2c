package shop

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
)

const maxMark = 4096 // bytes

// What a mark is drawn with. Nothing here can run, load or look elsewhere.
var (
	shapes     = []string{"g", "path", "circle", "ellipse", "rect", "line", "polyline", "polygon"}
	attributes = []string{"d", "cx", "cy", "r", "rx", "ry", "x", "y", "x1", "y1", "x2", "y2", "width", "height", "points", "transform", "opacity",
		"fill", "fill-rule", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"}
	harmless = regexp.MustCompile(`^[A-Za-z0-9 .,()+-]*$`)
)

// readMark reads mark.svg: shapes of one colour, without saying which, on a
// field of 32 by 32. A shop without the file has the lamp.
func readMark(file string) (string, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if len(data) > maxMark {
		return "", fmt.Errorf("%s: larger than %d bytes", file, maxMark)
	}
	inside, err := drawn(string(data))
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return inside, nil
}

// drawn checks the drawing and returns what stands between <svg> and </svg>.
func drawn(svg string) (string, error) {
	d := xml.NewDecoder(strings.NewReader(svg))
	depth, from, to := 0, 0, 0
	for {
		before := int(d.InputOffset())
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return strings.TrimSpace(svg[from:to]), nil
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				from = int(d.InputOffset())
				err = field(t)
			} else {
				err = shape(t)
			}
			depth++
		case xml.EndElement:
			if depth--; depth == 0 {
				to = before
			}
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				err = errors.New("text has no place in a mark")
			}
		default:
			err = errors.New("a mark is shapes alone")
		}
		if err != nil {
			return "", err
		}
	}
}

func field(t xml.StartElement) error {
	for _, a := range t.Attr {
		if t.Name.Local == "svg" && a.Name.Local == "viewBox" && a.Value == "0 0 32 32" {
			return nil
		}
	}
	return errors.New(`begins with <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">`)
}

func shape(t xml.StartElement) error {
	if !slices.Contains(shapes, t.Name.Local) {
		return fmt.Errorf("<%s> has no place in a mark", t.Name.Local)
	}
	for _, a := range t.Attr {
		if !slices.Contains(attributes, a.Name.Local) || !harmless.MatchString(a.Value) {
			return fmt.Errorf("<%s>: %s has no place in a mark", t.Name.Local, a.Name.Local)
		}
	}
	return nil
}
