// Command pictures makes the photographs of the site's own pages and of the
// shops' front pages from their originals: a picture before (a crop, made
// smaller), the same after (what the engine makes of it) and the one beside the
// sign-in form. Run it from the root of the tree:
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

const (
	out   = "internal/web/static/"
	shops = "shops/"
)

// A cut is a part of a photograph, made smaller.
type cut struct {
	photo   string
	part    image.Rectangle
	size    image.Point
	name    string
	quality int
}

var cuts = []cut{
	{"Picture_0B_by_freespace.jpg", image.Rect(800, 590, 2080, 1310), image.Pt(640, 360), out + before, 92},
	{"seeding_by_Clements_Engelhardt.jpg", image.Rect(450, 0, 2840, 2988), image.Pt(880, 1100), out + "entry.jpg", 80},
	{"Picture_1A_by_freespace.jpg", image.Rect(50, 220, 1330, 940), image.Pt(640, 360), shops + "winno/" + before, 92},
	{"picosdeeuropa_by_Aitzol_Berasategi.jpg", image.Rect(1200, 330, 3120, 1410), image.Pt(640, 360), shops + "aijet/" + before, 92},
	{"friends_by_Aitzol_Berasategi.jpg", image.Rect(240, 640, 1520, 1360), image.Pt(640, 360), shops + "neiroset/" + before, 92},
}

const (
	before = "hero-before.jpg"
	after  = "hero-after.jpg"
)

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
		if folder, name := filepath.Split(c.name); name == before {
			if err := enhance(c.name, filepath.Join(folder, after)); err != nil {
				return err
			}
		}
	}
	return nil
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
	to, err := os.Create(c.name)
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
