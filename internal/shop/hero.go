package shop

import (
	"bytes"
	"errors"
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"

	"safelight/internal/i18n"
)

const maxHero = 1 << 20 // bytes of one picture

// Hero is the front page's picture before and after the engine's work. A shop
// without one shows the product's own.
type Hero struct {
	Before Picture              `yaml:"before"`
	After  Picture              `yaml:"after"`
	Alt    map[i18n.Lang]string `yaml:"alt"` // what it shows
	Photo  Photo                `yaml:"photo"`
}

// Photo says whose a photograph is.
type Photo struct {
	Work    string `yaml:"work"`
	Author  string `yaml:"author"` // with the year
	License string `yaml:"license"`
	URL     string `yaml:"url"` // of the licence
}

// A Picture is a JPEG file in the shop's folder.
type Picture struct {
	File          string
	Data          []byte
	Width, Height int
}

// UnmarshalYAML reads the file's name.
func (p *Picture) UnmarshalYAML(data []byte) error { return yaml.Unmarshal(data, &p.File) }

// load reads the picture from the shop's folder.
func (p *Picture) load(dir string) error {
	if p.File == "" || filepath.Base(p.File) != p.File {
		return errors.New("the name of a file in the shop's folder")
	}
	data, err := os.ReadFile(filepath.Join(dir, p.File))
	if err != nil {
		return err
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil || len(data) > maxHero {
		return fmt.Errorf("%s: a JPEG of at most %d bytes", p.File, maxHero)
	}
	p.Data, p.Width, p.Height = data, c.Width, c.Height
	return nil
}

// load reads both pictures and checks that one can lie over the other.
func (h *Hero) load(s *Shop) error {
	var errs []error
	if err := h.Before.load(s.Dir); err != nil {
		errs = append(errs, fmt.Errorf("hero.before: %w", err))
	}
	if err := h.After.load(s.Dir); err != nil {
		errs = append(errs, fmt.Errorf("hero.after: %w", err))
	}
	if h.Before.Width*h.After.Height != h.After.Width*h.Before.Height || h.After.Width < h.Before.Width {
		errs = append(errs, errors.New("hero.after: of the same shape as before, and no smaller"))
	}
	for _, l := range s.Languages {
		if h.Alt[l] == "" {
			errs = append(errs, fmt.Errorf("hero.alt: %s is missing", l))
		}
	}
	if h.Photo.Work == "" || h.Photo.Author == "" || h.Photo.License == "" || h.Photo.URL == "" {
		errs = append(errs, errors.New("hero.photo: work, author, license and url are needed"))
	}
	return errors.Join(errs...)
}
