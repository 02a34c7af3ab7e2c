// Command pictures makes the photographs of the site's own pages from their
// originals: the front page's picture before (a crop, halved), the same after
// (what the engine makes of it) and the one beside the sign-in form. Run it
// from the root of the tree:
//
//	go run ./tools/assets/pictures -photos /usr/share/backgrounds
//
// The originals are in Debian's package lomiri-wallpapers-16.04.
package main

import (
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/image/draw"
)

const out = "internal/web/static"

// A cut is a part of a photograph, made smaller.
type cut struct {
	photo   string
	part    image.Rectangle
	size    image.Point
	name    string
	quality int
}

var cuts = []cut{
	{"Picture_0B_by_freespace.jpg", image.Rect(800, 590, 2080, 1310), image.Pt(640, 360), "hero-before.jpg", 92},
	{"seeding_by_Clements_Engelhardt.jpg", image.Rect(450, 0, 2840, 2988), image.Pt(880, 1100), "entry.jpg", 80},
}

func main() {
	photos := flag.String("photos", "/usr/share/backgrounds", "the folder with the originals")
	flag.Parse()
	if err := run(*photos); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(photos string) error {
	for _, c := range cuts {
		if err := c.make(photos); err != nil {
			return err
		}
	}
	return enhance(filepath.Join(out, "hero-before.jpg"), filepath.Join(out, "hero-after.jpg"))
}

func (c cut) make(photos string) error {
	in, err := os.Open(filepath.Join(photos, c.photo))
	if err != nil {
		return err
	}
	defer in.Close()
	photo, err := jpeg.Decode(in)
	if err != nil {
		return fmt.Errorf("%s: %w", c.photo, err)
	}
	small := image.NewRGBA(image.Rectangle{Max: c.size})
	draw.CatmullRom.Scale(small, small.Bounds(), photo, c.part, draw.Src, nil)
	to, err := os.Create(filepath.Join(out, c.name))
	if err != nil {
		return err
	}
	if err := jpeg.Encode(to, small, &jpeg.Options{Quality: c.quality}); err != nil {
		return err
	}
	return to.Close()
}

// enhance asks the product itself, so that the page shows what customers get.
func enhance(before, after string) error {
	cmd := exec.Command("go", "run", "./cmd/safelight", "enhance", "--scale", "2", "--model", "quality", "--force", before, after)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
